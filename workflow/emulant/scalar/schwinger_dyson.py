"""Schwinger-Dyson identities, which an ensemble of exp(-S) obeys and an ensemble of another action violates."""

import numpy as np

from emulant.contracts.system import HasGradient

__all__ = ["schwinger_dyson"]


def schwinger_dyson(fields: np.ndarray, system: HasGradient) -> dict[str, np.ndarray]:
    """Compute left minus right side of each identity, on a lattice of the third too.

    <phi dS/dphi> = 1, <phi^3 dS/dphi> = 3 <phi^2> and <phi_{x+1} dS/dphi_x> = 0 follow by integration by parts. The first
    tests the strength of the force; the others distinguish couplings that agree in it.

    Arguments:
        fields: configurations, (n, *shape).
        system: with dS/dphi.

    Returns:
        identity -> its sides' difference, averaged over the sites of each configuration, (n,).
    """
    fields = fields.astype(np.float64)
    force = system.gradient(fields)
    differences = {
        "<phi dS/dphi> = 1": fields * force - 1,
        "<phi^3 dS/dphi> = 3 <phi^2>": fields**3 * force - 3 * fields**2,
    }
    if fields.shape[-1] > 1:
        differences["<phi_{x+1} dS/dphi_x> = 0"] = np.roll(fields, -1, axis=-1) * force
    return {words: sides.reshape(len(fields), -1).mean(axis=1) for words, sides in differences.items()}
