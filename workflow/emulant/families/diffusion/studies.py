"""Studies of diffusion models."""

from emulant.families._pde_residual import study_pde_residual

__all__ = ["studies"]

studies = {"pde_residual": study_pde_residual}
