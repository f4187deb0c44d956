"""Exact identities of a system held against its reference: by the mean, by the centre of the chains, by the worst one."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.contracts.system import HasGlobalIdentities, HasIdentities, System
from emulant.errors import InputError
from emulant.forms import open_samples
from emulant.stages.conditions import Part, parts_of
from emulant.statistics.agreement import FEWEST, agreement
from emulant.statistics.autocorrelation import SHORTEST_CHAIN, Mean, gamma_mean, split_chains
from emulant.statistics.pulls import p_value, pull

__all__ = ["FALSE_ALARM", "checked_identities", "identity_record"]

FALSE_ALARM = p_value(5.0)
"""Probability with which a right ensemble fails each test: one in two million, that of 5 errors of a Gaussian."""
MANY_CHAINS = 64
"""So many chains say the error by their spread, to 9 %, fewer by the Gamma method; without chains, the number of groups."""
GROUP_SITES = 256
"""Sites of a group of configurations: the mean over so many values of a skewed law, chi^2 with one degree of freedom say,
has a skewness of 0.2."""

FREEDOM_SITES = 64
"""Sites of a degree of freedom, at least: the error of fewer values of a skewed law is as uncertain as its tail."""


def checked_identities(path: Path, system: System, reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of every identity that the reference at `path` obeys; one that breaks any is removed.

    Empty where the system has no identities, or where the ensemble does not claim to be in equilibrium.

    Arguments:
        path: the ensemble.
        system: of the ensemble.
        reference: the block of the configuration that it comes from.

    Raises:
        InputError: where mean, centre or worst chain of an identity is off.
    """
    if not isinstance(system, HasIdentities | HasGlobalIdentities):
        return {}
    with open_samples(path, system) as ensemble:
        if not ensemble.attributes.get("equilibrated", True):
            return {}
        records = {
            (words + part.label, per): record
            for part in parts_of(ensemble, system)
            for (words, per), record in _records(part, part.system).items()
        }
    for (words, per), record in records.items():
        if any(not record[name] > FALSE_ALARM for name in ("p", "centre_p", "worst_p") if name in record):
            path.unlink()
            expected = f"{words} per {per} for {system.kind} {system.parameters}"
            key = reference.get("dataset", "configurations")
            raise InputError(reference.get("file", path), key, expected, _in_words(record))
    return {"identities": {words: record for (words, _), record in records.items()}} if records else {}


def identity_record(violations: np.ndarray, chain: np.ndarray | None, sites: int) -> dict[str, Any]:
    """Compute mean, centre and worst group of the violation of an identity, with their errors, pulls and p-values.

    Arguments:
        violations: left minus right side of each configuration, in the order of each chain, (N,).
        chain: number of the Markov chain of each, (N,); None where they are independent.
        sites: of a configuration.
    """
    if chain is not None and len(np.unique(chain)) == len(chain):
        chain = None
    mean, (numbers, whole) = _mean(violations, chain), _groups(violations, chain, sites)
    mean = mean._replace(dof=min(mean.dof, len(violations) * sites / FREEDOM_SITES))
    record = {
        "mean": mean.value,
        "error": mean.error,
        "p": p_value(pull(mean.value, mean.error, 0.0), mean.dof),
    }
    if len(numbers) >= FEWEST:
        naive = numbers.std(ddof=1) / np.sqrt(len(numbers))
        correlated = not whole and naive > 0
        stretch = max(1.0, mean.error / naive) if correlated else 1.0
        robust = agreement(numbers, stretch=stretch, dof=mean.dof if correlated else np.inf)
        # An error that grows with chains that are off is no reason to accept them.
        smaller = {"error": min(mean.error, robust.error), "p": min(record["p"], robust.mean_p)}
        record = robust.record() | {"mean": mean.value} | smaller
    return record | {"pull": pull(mean.value, record["error"], 0.0), "tau_int": mean.tau_int}


def _records(ensemble: Part, system: System) -> dict[tuple[str, str], dict[str, Any]]:
    """Compute the record of each identity by its words and by what it is told of, a site or a whole configuration."""
    records, sites = {}, math.prod(ensemble.site_shape)
    if isinstance(system, HasIdentities):
        local = _records_of(ensemble, system.violations, sites)
        records |= {(words, "site"): record for words, record in local.items()}
    if isinstance(system, HasGlobalIdentities):
        whole = _records_of(ensemble, system.global_violations, 1)
        records |= {(words, "configuration"): record for words, record in whole.items()}
    return records


def _records_of(
    ensemble: Part, violations: Callable[[Any], dict[str, np.ndarray]], sites: int
) -> dict[str, dict[str, Any]]:
    """Records of the identities that `violations` tells, each a mean over `sites` of a configuration."""
    parts = [violations(samples) for samples in ensemble.chunks(ensemble.rows_per_chunk)]
    return {
        words: identity_record(np.concatenate([part[words] for part in parts]), ensemble.chain, sites)
        for words in parts[0]
    }


def _mean(violations: np.ndarray, chain: np.ndarray | None) -> Mean:
    """The mean with an error that knows autocorrelation."""
    size, naive = len(violations), float(violations.std(ddof=1) / np.sqrt(len(violations)))
    if chain is None:
        return Mean(float(violations.mean()), naive, 0.5, size - 1)
    chains = split_chains(violations, chain)
    if len(chains) < MANY_CHAINS and min(map(len, chains)) >= SHORTEST_CHAIN:
        return gamma_mean(chains)
    sums = np.array([(part - violations.mean()).sum() for part in chains])
    error = float(np.sqrt((sums**2).sum() * len(chains) / max(len(chains) - 1, 1)) / size)
    tau = 0.5 * (error / naive) ** 2 if naive > 0 else 0.5
    return Mean(float(violations.mean()), error, tau, max(len(chains) - 1, 1))


def _groups(violations: np.ndarray, chain: np.ndarray | None, sites: int) -> tuple[np.ndarray, bool]:
    """Average over whole chains, or a few of them where they are short; over runs of successive configurations otherwise.

    Returns the averages, and whether they are of independent configurations or chains.
    """
    size = len(violations)
    number = np.arange(size) if chain is None else np.unique(chain, return_inverse=True)[1]
    lengths = np.bincount(number)
    if chain is not None and len(lengths) >= FEWEST and lengths.max() <= 2 * lengths.min():
        each = -(-GROUP_SITES // int(lengths.min() * sites))
        group = number * max(1, len(lengths) // each) // len(lengths)
        whole = True
    else:
        groups = min(MANY_CHAINS, size * sites // GROUP_SITES)
        group = np.empty(size, int)
        group[np.argsort(number, kind="stable")] = np.arange(size) * groups // size
        whole = chain is None
    return np.bincount(group, violations) / np.bincount(group), whole


def _in_words(record: Mapping[str, Any]) -> str:
    pull = record["mean"] / record["error"] if record["error"] else np.inf
    text = f"a difference of {record['mean']:.5f} +- {record['error']:.5f} ({pull:+.1f} errors)"
    if "groups" in record:
        text += (
            f", of {record['groups']} groups of configurations in the middle {record['centre']:.5f} +-"
            f" {record['centre_error']:.5f}, and one group {record['worst_pull']:.3g} times their spread away"
        )
    return f"{text}: a normalisation, a sign or a parameter is another, or there is no equilibrium"
