"""Figures: densities with the drift, learned energies, and whether complex Langevin is to be trusted."""

from emulant.langevin.figures import langevin_figure
from emulant.plane.figures import densities_figure, energies_figure

__all__ = ["figures"]

figures = {
    "densities": densities_figure(lambda system: system.complex_action.drift),
    "energies": energies_figure,
    "langevin": langevin_figure,
}
