r"""Free field, lambda = 0: :math:`\langle|\phi_p|^2\rangle = 1/A(p)`, A(p) = 2 - 4 kappa sum_mu cos p_mu."""

import numpy as np

__all__ = ["free_field_squared", "free_power", "free_susceptibility", "stiffness"]


def free_power(kappa: float, shape: tuple[int, ...]) -> np.ndarray:
    """Compute 1/A(p) on the full momentum lattice, shape `shape`; requires a positive `stiffness`."""
    cosines = np.meshgrid(
        *[np.cos(2 * np.pi * np.arange(length) / length) for length in shape], indexing="ij"
    )
    return 1 / (2 - 4 * kappa * sum(cosines))


def stiffness(kappa: float, shape: tuple[int, ...]) -> float:
    """Compute the smallest A(p); the action of a free field is bounded from below where it is positive."""
    softest = [1.0 if kappa > 0 else np.cos(2 * np.pi * (length // 2) / length) for length in shape]
    return 2 - 4 * kappa * sum(softest)


def free_field_squared(kappa: float, shape: tuple[int, ...]) -> float:
    """Compute <phi^2> per site."""
    return float(free_power(kappa, shape).mean())


def free_susceptibility(kappa: float, dimension: int) -> float:
    """Compute V <M^2> = 1/A(0)."""
    return 1 / (2 - 4 * kappa * dimension)
