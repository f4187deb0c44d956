"""Studies: models against hydrodynamics event by event, also at conditions and collisions that no training saw."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.statistics.bootstrap import bootstrap
from emulant.statistics.classifier import separation
from emulant.storage.pairs import Pairs, open_pairs
from emulant.systems.hydro_spectra.reference import LABEL, evolved
from emulant.systems.hydro_spectra.system import HydroSpectra
from emulant.systems.hydro_spectra.views import HARMONICS, SpectraView

__all__ = ["studies"]

NUMBERS = ("deviation", "correlation", "ratio")
"""Root mean square of the difference over that of the truth; correlation; ratio of means, of harmonics of v_n{2}."""
ACCURACY = "accuracy"
"""Of a classifier that is shown N, [p_T], v_2, v_3, v_4 of events of a model and of hydrodynamics."""
TEACHING = 100
"""Events that a classifier needs at least."""


def study_paired(system: HydroSpectra, inputs: StudyInputs) -> StudyTable:
    """Compare yields, [p_T] and V_n of each event with hydrodynamics of the same initial state.

    Events of the reference come first; each case of the settings, a part of the `system` block, has events of its own.

    Returns:
        Columns case, model, events, quantity, each of NUMBERS with its error by bootstrap over events, and the accuracy of a
        classifier (quantity `together`), where there are events to teach it.
    """
    rows = [
        {"case": case, "model": name, "events": len(truth.yields), "quantity": quantity} | numbers
        for case, truth, answers in _cases(system, inputs)
        for name, answer in answers.items()
        for quantity, numbers in _compared(truth, answer, job_seed(inputs.seed, "bootstrap"))
    ]
    columns = [name + suffix for name in (*NUMBERS, ACCURACY) for suffix in ("", "_error")]
    table = pd.DataFrame(rows, columns=["case", "model", "events", "quantity", *columns])
    return StudyTable(table, {"label": LABEL})


def _cases(
    system: HydroSpectra, inputs: StudyInputs
) -> Iterator[tuple[str, SpectraView, dict[str, SpectraView]]]:
    """Yield a case in words, what hydrodynamics says, and what each model says."""
    assert inputs.reference is not None
    with open_pairs(inputs.reference) as file:
        truth = file.read()
    yield "reference", *_of_reference(system, truth, inputs)
    for number, case in enumerate(inputs.settings["cases"]):
        changed, words = system.at(case), ", ".join(f"{key} {value}" for key, value in case.items())
        seed = job_seed(inputs.seed, "case", str(number))
        states = changed.trento.events(range(inputs.settings["events"]), seed)
        viscosity = np.full(len(states), changed.parameters["viscosity"])
        pairs = Pairs(
            states.densities, evolved(changed, states.densities, viscosity), {"viscosity": viscosity}
        )
        answers = {name: _answer(model, pairs, seed) for name, model in inputs.models.items()}
        yield words, changed.view(pairs), {name: changed.view(part) for name, part in answers.items()}


def _of_reference(
    system: HydroSpectra, truth: Pairs, inputs: StudyInputs
) -> tuple[SpectraView, dict[str, SpectraView]]:
    """The first events of which every model generated a spectrum."""
    answers = {}
    for name, path in inputs.ensembles.items():
        with open_pairs(path) as file:
            answers[name] = file.read(0, len(truth))
    count = min(map(len, [truth, *answers.values()]))
    first = slice(0, count)
    return system.view(truth[first]), {name: system.view(part[first]) for name, part in answers.items()}


def _answer(model: Any, pairs: Pairs, seed: int) -> Pairs:
    """What a model says to the inputs of pairs."""
    tensors = {"inputs": pairs.inputs, **pairs.conditions}
    condition = {
        name: torch.as_tensor(values, dtype=torch.get_default_dtype()) for name, values in tensors.items()
    }
    samples = model.sample(len(pairs), torch.Generator().manual_seed(seed), condition)
    return Pairs(pairs.inputs, samples.values.cpu().numpy(), pairs.conditions)


def _compared(
    truth: SpectraView, answer: SpectraView, seed: int
) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield each quantity with its numbers and errors."""
    yield "multiplicity", _numbers(*_of_scalars(truth.yields, answer.yields), seed)
    yield "mean_pt", _numbers(*_of_scalars(truth.mean_pt, answer.mean_pt), seed)
    for k, n in enumerate(HARMONICS):
        yield f"v{n}", _numbers(*_of_vectors(truth.vectors[:, k], answer.vectors[:, k]), seed)
    if len(truth.yields) >= TEACHING:
        accuracy = separation(_features(truth), _features(answer), seed % 2**32)
        yield "together", dict(zip((ACCURACY, f"{ACCURACY}_error"), accuracy, strict=True))


def _features(view: SpectraView) -> np.ndarray:
    """N, [p_T], v_2, v_3, v_4 of each event, (n, 5)."""
    return np.column_stack([view.yields, view.mean_pt, np.abs(view.vectors[:, :3])])


def _numbers(
    primaries: np.ndarray, function: Callable[[np.ndarray], np.ndarray], seed: int
) -> dict[str, float]:
    estimate = bootstrap(primaries, function, seed=seed)
    values = zip(NUMBERS, estimate.value, estimate.error, strict=True)
    return {key: float(v) for name, x, e in values for key, v in ((name, x), (f"{name}_error", e))}


def _of_scalars(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Primaries and function of positive numbers of each event."""

    def value(means: np.ndarray) -> np.ndarray:
        deviation, mean_x, mean_y, xx, yy, xy = np.moveaxis(means, -1, 0)
        spread = np.sqrt(np.maximum((xx - mean_x**2) * (yy - mean_y**2), 1e-300))
        return np.stack([np.sqrt(deviation), (xy - mean_x * mean_y) / spread, mean_y / mean_x], axis=-1)

    return np.column_stack([(y / x - 1) ** 2, x, y, x * x, y * y, x * y]), value


def _of_vectors(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Primaries and function of flow vectors, whose correlation is that of complex numbers about zero."""

    def value(means: np.ndarray) -> np.ndarray:
        difference, xx, yy, real, imaginary = np.moveaxis(means, -1, 0)
        correlation = np.hypot(real, imaginary) / np.sqrt(np.maximum(xx * yy, 1e-300))
        return np.stack([np.sqrt(difference / xx), correlation, np.sqrt(yy / xx)], axis=-1)

    both = y * x.conj()
    return np.column_stack([abs(y - x) ** 2, abs(x) ** 2, abs(y) ** 2, both.real, both.imag]), value


studies = {"paired": study_paired}
