"""The correlator R_Psi2: how out-of-plane charge differences spread, beside in-plane ones and shuffled charges.

N. Magdy, S. Shi, J. Liao, N. Ajitanand, R. Lacey, Phys. Rev. C 97 (2018) 061901 [1710.01717]: Delta S of an event is
<sin(phi - Psi)> of positive less that of negative particles, C its distribution over that with shuffled charges, and
R = C / C_perp, with cosines in C_perp. R opens upward where charges are separated along the field.
"""

import numpy as np

__all__ = ["EDGES", "charge_differences", "correlator"]

EDGES = np.linspace(-2.25, 2.25, 10)
"""Of Delta S in standard deviations with shuffled charges: nine bins, in each of which 1000 events have some 20 or more."""


def charge_differences(phi: np.ndarray, positive: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Compute Delta S with sines and with cosines, then both with shuffled charges, (4,), of an event's azimuths."""
    shuffled = generator.permutation(positive)
    waves = np.stack([np.sin(phi), np.cos(phi)])
    return np.concatenate(
        [waves[:, sign].mean(axis=1) - waves[:, ~sign].mean(axis=1) for sign in (positive, shuffled)]
    )


def correlator(differences: np.ndarray) -> tuple[np.ndarray, float]:
    """Compute R in bins EDGES, and its curvature in the Gaussian limit, of events (N, 4).

    In that limit ln R = curvature x^2 / 2, x in standard deviations with shuffled charges, as each of four distributions
    adds plus or minus one over its variance.
    """
    scaled = differences / differences[:, 2:].std(axis=0)[[0, 1, 0, 1]]
    sine, cosine, sine_shuffled, cosine_shuffled = (
        np.histogram(column, EDGES, density=True)[0] for column in scaled.T
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = sine / sine_shuffled / (cosine / cosine_shuffled)
    inverse = 1 / scaled.var(axis=0)
    return ratio, float(inverse[2] - inverse[0] - (inverse[3] - inverse[1]))
