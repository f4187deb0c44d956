"""Figures: densities and learned energies."""

from emulant.plane.figures import densities_figure, energies_figure

__all__ = ["figures"]

figures = {"densities": densities_figure(), "energies": energies_figure}
