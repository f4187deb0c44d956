"""Whether a system and its observables keep their contracts, tried on a few samples: each fault is one line."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from emulant.contracts.observable import Observable
from emulant.contracts.system import HasAction, HasGradient, System
from emulant.errors import InputError, unknown

__all__ = ["check_action", "check_exact_values", "check_observables"]


def check_observables(
    system: System, observables: Mapping[str, Observable], view: Any, samples: int, shape: tuple[int, ...]
) -> None:
    """Try every observable: primaries are finite (n, columns), the value has one number for each index.

    Values may be NaN: so few samples leave a ratio undefined.

    Arguments:
        system: for messages.
        observables: by name.
        view: of `samples` samples, at least three.
        samples: their number.
        shape: of a site, as observables see it.

    Raises:
        InputError: naming the observable, what was expected, and what it gave.
    """
    for observable in observables.values():
        where = (f"system {system.kind}", f"observable {observable.name}")
        primaries = _tried(*where, "primaries", lambda o=observable: np.asarray(o.primaries(view)))
        if primaries.ndim != 2 or len(primaries) != samples:
            expected = f"primaries ({samples}, columns) of {samples} samples"
            raise InputError(*where, expected, f"shape {primaries.shape}")
        if not np.isfinite(primaries).all():
            raise InputError(*where, "primaries that are finite", "NaN or infinity")
        indices = _tried(*where, "indices", lambda o=observable: tuple(o.indices(shape)))
        # Two numbers of rows, as one of them may be that of the indices.
        for means in (primaries[0], primaries[:2], primaries[:3]):
            value = _tried(*where, "value", lambda o=observable, m=means: np.asarray(o.value(m, shape)))
            shaped = (*means.shape[:-1], len(indices))
            if value.shape != shaped:
                expected = f"a value {shaped} of means {means.shape} at {len(indices)} indices"
                raise InputError(*where, expected, f"shape {value.shape}")


def check_exact_values(
    system: System,
    rows: Iterable[Mapping[str, Any]],
    observables: Mapping[str, Observable],
    shape: tuple[int, ...],
) -> None:
    """Check that every exact value is one of an observable, at one of its indices: of others there is no test.

    Raises:
        InputError: naming the observable or the index that there is not, or the column that a row lacks.
    """
    where = (f"system {system.kind}", "exact_values")
    for row in rows:
        if missing := {"observable", "index", "value", "error"} - set(row):
            raise InputError(*where, "rows of observable, index, value, error", f"none of {min(missing)}")
        name, index = row["observable"], row["index"]
        if name not in observables:
            raise InputError(*where, *unknown(name, list(observables)))
        indices = observables[name].indices(shape)
        if index not in indices:
            expected = f"an index of {name}, one of {', '.join(map(str, indices))}"
            raise InputError(*where, expected, index)


def check_action(system: System, samples: Any) -> None:
    """Check that the action of samples (n, *site_shape) has the shape (n,), and its gradient that of the samples.

    Raises:
        InputError: naming action or gradient, and its shape.
    """
    shapes = {}
    if isinstance(system, HasAction):
        shapes["action"] = (system.action, (len(samples),))
    if isinstance(system, HasGradient):
        shapes["gradient"] = (system.gradient, samples.shape)
    for name, (function, shape) in shapes.items():
        where = (f"system {system.kind}", name)
        got = _tried(*where, name, lambda f=function: np.shape(f(samples)))
        if got != tuple(shape):
            raise InputError(*where, f"the shape {tuple(shape)} of samples {samples.shape}", got)


def _tried(file: str, key: str, what: str, compute: Callable[[], Any]) -> Any:
    """Compute what somebody added; its errors become one line, its warnings none."""
    try:
        with np.errstate(all="ignore"):
            return compute()
    except InputError:
        raise
    except Exception as error:
        raise InputError(file, key, f"{what} of these samples", f"{type(error).__name__}: {error}") from error
