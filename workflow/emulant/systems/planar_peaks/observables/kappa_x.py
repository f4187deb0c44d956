"""The even cumulants of the marginal in x."""

from emulant.plane.declarations import marginal_cumulants

observable = marginal_cumulants("x")
