"""Paths by their names in a configuration."""

from emulant.transport.paths.exploding import VarianceExploding
from emulant.transport.paths.interpolant import LinearInterpolant
from emulant.transport.paths.path import Path
from emulant.transport.paths.preserving import VariancePreserving
from emulant.transport.paths.schedules import Geometric, LinearBeta

__all__ = ["PATHS", "path_from"]

PATHS = {
    "variance_exploding": VarianceExploding,
    "variance_preserving": VariancePreserving,
    "linear_interpolant": LinearInterpolant,
}


def path_from(settings: dict) -> Path:
    """Build the path of a configuration block.

    Arguments:
        settings: `kind` (a key of `PATHS`) and that path's numbers: `sigma` for `variance_exploding`;
            `sigma`, or `beta_min` and `beta_max`, for `variance_preserving`; none for `linear_interpolant`.

    Raises:
        ValueError: if the kind is unknown, or a number is missing, foreign or out of range.
    """
    numbers = dict(settings)
    kind = numbers.pop("kind", None)
    if kind not in PATHS:
        raise ValueError(f"path.kind: expected one of {', '.join(PATHS)}, got {kind!r}")
    try:
        if kind == "variance_preserving" and numbers:
            schedule = Geometric if "sigma" in numbers else LinearBeta
            return VariancePreserving(schedule(**numbers))
        return PATHS[kind](**numbers)
    except TypeError as error:
        raise ValueError(f"path: {kind} does not take {numbers}: {error}") from error
