"""Figures: those of every scalar field on a lattice."""

from emulant.lattice.figures import figures

__all__ = ["figures"]
