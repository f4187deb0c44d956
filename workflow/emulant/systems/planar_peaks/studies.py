"""Study `density`: the density on a grid."""

from emulant.plane.density_study import density

__all__ = ["studies"]

studies = {"density": density}
