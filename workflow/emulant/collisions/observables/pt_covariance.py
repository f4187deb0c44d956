"""Dynamical covariance of transverse momenta: fluctuations of the event mean beyond those of independent particles."""

from emulant.collisions.declarations import of_events
from emulant.collisions.spectra import dynamical_pt_covariance, pt_pairs

observable = of_events(
    "pt_covariance",
    r"\langle \Delta p \Delta p\rangle",
    "mean product of the deviations of p_T of two particles of an event; 0 for independent ones",
    pt_pairs,
    lambda means: dynamical_pt_covariance(means)[..., None],
    unit="GeV^2",
    integrated=True,
)
