"""Measure all ensembles of an experiment."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from tqdm import tqdm

from emulant.contracts.checks import check_exact_values
from emulant.contracts.form import Ensemble
from emulant.contracts.observable import Observable
from emulant.contracts.source import REFERENCE, TRAINING, Source
from emulant.contracts.system import HasSimulatedValues, System
from emulant.forms import open_samples
from emulant.judging.forward import forward_cumulants
from emulant.judging.histograms import Histograms, common_edges
from emulant.judging.interpolated import interpolated_sources, measure_interpolated
from emulant.judging.measure import measure
from emulant.judging.pairs_error import measure_pairs_error, posterior_sources
from emulant.judging.samples import Jackknife
from emulant.storage.tables import read_rows
from emulant.systems import observables_of
from emulant.transport.paths import path_from

__all__ = ["Measured", "exact_values_of", "measure_all", "measure_forward", "opened"]

SHOWN = 4096
"""Samples of the reference that fix the range of histograms and that the forward process starts from."""
TIMES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Times of the forward process: later the noise hides every cumulant beyond the second (arXiv:2410.21212)."""


class Measured(NamedTuple):
    """What was measured on the ensembles of an experiment.

    Attributes:
        observables: the observables table.
        distributions: columns quantity, left, right, density, error, model, variant.
        jackknife: samples of every source.
    """

    observables: pd.DataFrame
    distributions: pd.DataFrame
    jackknife: Jackknife


@contextmanager
def opened(files: Mapping[Source, Path], system: System) -> Iterator[dict[Source, Ensemble]]:
    """Open the ensembles of an experiment, and close them in the end."""
    with ExitStack() as stack:
        yield {source: stack.enter_context(open_samples(file, system)) for source, file in files.items()}


def measure_all(
    experiment: str,
    ensembles: Mapping[Source, Ensemble],
    system: System,
    observables: Sequence[Observable],
) -> Measured:
    """Measure observables and distributions on every ensemble, each read once.

    Training samples under several conditions are measured as each model interpolates between these, too
    (`judging.interpolated`), and so is the error of the pairs that a posterior learned from (`judging.pairs_error`): the
    source `training` with the model as variant.
    """
    tables, samples, histograms = [], {}, []
    edges = common_edges(system.view(ensembles[REFERENCE].read(0, SHOWN)))
    for source, ensemble in tqdm(ensembles.items(), desc=f"measure {experiment}", unit="ensemble"):
        counts = Histograms(edges)
        result = measure(ensemble, system, observables, counts)
        tables.append(result.rows.assign(experiment=experiment, **source._asdict()))
        histograms.append(counts.rows().assign(**source._asdict()))
        samples[source] = result.jackknife
    for source, sample in interpolated_sources(ensembles).items():
        result = measure_interpolated(ensembles[TRAINING], ensembles[source], system, observables)
        tables.append(result.rows.assign(experiment=experiment, **sample._asdict()))
        samples[sample] = result.jackknife
    for source, sample in posterior_sources(ensembles, system).items():
        result = measure_pairs_error(ensembles, source, system, observables)
        tables.append(result.rows.assign(experiment=experiment, **sample._asdict()))
        samples[sample] = result.jackknife
    frames = (pd.concat(parts, ignore_index=True) for parts in (tables, histograms))
    return Measured(*frames, samples)


def measure_forward(reference: Ensemble, paths: Mapping[str, Mapping[str, Any]], seed: int) -> pd.DataFrame:
    """Cumulants of the reference along the paths (name -> block of the configuration), in units of its root mean square."""
    fields = reference.read(0, SHOWN)
    unit = float((fields.astype(float) ** 2).mean() ** 0.5) if paths else 1.0
    built = {name: path_from(path) for name, path in paths.items()}
    return forward_cumulants(fields / unit if paths else fields, built, TIMES, seed)


def exact_values_of(system: System, tables: Sequence[Path]) -> list[dict[str, Any]]:
    """Exact values of a system, and those that it reads from the tables of its studies.

    Raises:
        InputError: where one is of no observable: nothing would be held against it.
    """
    values = [*system.exact_values()]
    if isinstance(system, HasSimulatedValues):
        values += [value for table in tables for value in system.simulated_values(read_rows(table))]
    check_exact_values(system, values, observables_of(system.kind), system.site_shape)
    return values
