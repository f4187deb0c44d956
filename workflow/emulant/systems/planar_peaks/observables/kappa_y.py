"""The even cumulants of the marginal in y."""

from emulant.plane.declarations import marginal_cumulants

observable = marginal_cumulants("y")
