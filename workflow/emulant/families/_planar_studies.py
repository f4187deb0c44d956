"""Studies of the families for points of a plane."""

from functools import partial

from emulant.families._pde_residual import residual_study

__all__ = ["planar_studies"]

planar_studies = {
    "pde_residual": residual_study(
        lambda model, points: points / model.deviation.to(points.dtype),
        lambda model: partial(model.score, train=True),
    )
}
