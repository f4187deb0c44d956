"""Run a script's `main` as a Snakemake job: arguments by name, devices, threads and the log."""

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import GenericAlias
from typing import Any, get_args

from emulant.configuration.gpu import give
from emulant.configuration.logging import job_log

__all__ = ["arguments_of", "run"]


def run(main: Callable[..., None], job: Any) -> None:
    """Call `main` with what the job has by the names of its parameters.

    Arguments:
        main: its parameters are names of outputs, inputs, params or wildcards of the rule, or `threads`.
        job: the object `snakemake` of a script.
    """
    give(job.resources.get("gpu", 0))
    _limit_threads(job.threads)
    with job_log(job.log[0], job.input, job.output):
        main(**arguments_of(main, job))


def arguments_of(main: Callable[..., None], job: Any) -> dict[str, Any]:
    """Look up the parameters of `main` among outputs, inputs, params and wildcards of a job, in this order.

    A parameter annotated Path, Path | None or list[Path] becomes paths, one annotated int a number; one without a value
    keeps its default.

    Raises:
        TypeError: for a parameter that the rule does not have.
    """
    names = {**_named(job.wildcards), **_named(job.params), **_named(job.input), **_named(job.output)}
    names["threads"] = job.threads
    arguments = {}
    for name, parameter in inspect.signature(main).parameters.items():
        if name in names:
            arguments[name] = _converted(names[name], parameter.annotation)
        elif parameter.default is parameter.empty:
            raise TypeError(f"rule {job.rule} has no {name}, which {main.__module__}.{main.__name__} wants")
    return arguments


def _limit_threads(count: int) -> None:
    """Let libraries use no more threads than the job asked for, those too that are imported later.

    Numba and torch share OpenMP: as Numba launches its threads it gives torch as many, so that torch comes last.
    """
    if "numba" in sys.modules:
        numba = sys.modules["numba"]
        numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    else:
        os.environ["NUMBA_NUM_THREADS"] = str(count)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)


def _named(values: Any) -> Mapping[str, Any]:
    return dict(values.items())


def _converted(value: Any, kind: Any) -> Any:
    """A value of Snakemake as the annotation says."""
    if kind is Path or (Path in get_args(kind) and not isinstance(kind, GenericAlias)):
        return Path(value)
    if kind is int and isinstance(value, str):
        return int(value)
    if isinstance(kind, GenericAlias) and kind == list[Path]:
        return [Path(value)] if isinstance(value, str) else [Path(file) for file in value]
    return value
