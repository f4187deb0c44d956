"""Event-by-event correlation of the multiplicities of two species."""

from emulant.collisions.declarations import count_correlation, count_covariance

observables = (
    count_correlation("correlation_proton_neutron", r"\rho(p, \mathrm{n})", 2212, 2112),
    count_correlation("correlation_pion_pion", r"\rho(\pi^{+}, \pi^{-})", 211, -211),
    count_correlation("correlation_proton_pion", r"\rho(p, \pi^{-})", 2212, -211),
    count_covariance("species_covariance", r"\mathrm{cov}"),
)
