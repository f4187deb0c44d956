"""Probability paths between a physical measure and a Gaussian."""

from emulant.transport.paths.exploding import VarianceExploding
from emulant.transport.paths.interpolant import LinearInterpolant
from emulant.transport.paths.path import PREDICTIONS, Path
from emulant.transport.paths.preserving import VariancePreserving
from emulant.transport.paths.registry import PATHS, path_from
from emulant.transport.paths.schedules import Geometric, LinearBeta

__all__ = [
    "PATHS",
    "PREDICTIONS",
    "Geometric",
    "LinearBeta",
    "LinearInterpolant",
    "Path",
    "VarianceExploding",
    "VariancePreserving",
    "path_from",
]
