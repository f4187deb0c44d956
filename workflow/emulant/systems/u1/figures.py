"""Figures: those of every gauge theory."""

from emulant.gauge.figures import figures

__all__ = ["figures"]
