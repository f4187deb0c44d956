"""What importance weights of a scalar field depend on: a linear fit of ln w on the slow and the local sums of the field."""

import numpy as np

__all__ = ["explained_by", "weight_features"]


def weight_features(fields: np.ndarray) -> dict[str, np.ndarray]:
    """Compute M, M^2, M^4, the power of the lowest wave along each axis, sums of phi^2 and phi^4, (N,) each.

    A term of M that a model lacks is a lost sign, of M^2 and M^4 a wrong law of the order parameter, of the lowest waves
    a wrong infrared, of the sums a wrong law of a site (arXiv:2605.11199 finds nothing else in a trained transport).

    Arguments:
        fields: (N, *shape).
    """
    flat = fields.reshape(len(fields), -1).astype(np.float64)
    mean = flat.mean(axis=1)
    axes = range(1, fields.ndim)
    waves = {f"lowest_wave_{axis - 1}": _power_of_lowest(fields, axis) for axis in axes}
    sums = {"sum_phi2": (flat**2).sum(axis=1), "sum_phi4": (flat**4).sum(axis=1)}
    return {"m": mean, "m2": mean**2, "m4": mean**4, **waves, **sums}


def explained_by(log_weight: np.ndarray, features: dict[str, np.ndarray]) -> dict[str, float]:
    """Compute which part of the variance of ln w each feature explains by itself, and all together (`all`)."""
    target = log_weight - log_weight.mean()
    columns = {name: _standardised(values) for name, values in features.items()}
    total = float((target**2).mean())
    if total == 0:
        return dict.fromkeys([*columns, "all"], 0.0)
    alone = {name: float((column * target).mean() ** 2 / total) for name, column in columns.items()}
    matrix = np.stack([*columns.values()], axis=1)
    fitted = matrix @ np.linalg.lstsq(matrix, target, rcond=None)[0]
    return alone | {"all": float((fitted**2).mean() / total)}


def _standardised(values: np.ndarray) -> np.ndarray:
    """Mean 0 and variance 1; 0 where all values are the same."""
    deviation = values.std()
    return (values - values.mean()) / deviation if deviation > 0 else np.zeros_like(values)


def _power_of_lowest(fields: np.ndarray, axis: int) -> np.ndarray:
    """Square of the Fourier mode of the longest wave along an axis, constant along the others, (N,)."""
    others = tuple(other for other in range(1, fields.ndim) if other != axis)
    profile = fields.sum(axis=others, dtype=np.float64)
    return np.abs(np.fft.rfft(profile, axis=1)[:, 1]) ** 2
