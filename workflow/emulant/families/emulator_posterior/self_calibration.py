"""Whether the sampler is right: ranks of parameters whose observations the emulator itself drew."""

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasPrior
from emulant.families.emulator_posterior.predictive import replicas
from emulant.inference.summaries import covered
from emulant.randomness.seeds import job_seed
from emulant.statistics.calibration import bias_test, dispersion_test, randomised_ranks, uniformity_test

__all__ = ["study_self_calibration"]


def study_self_calibration(system: HasPrior, inputs: StudyInputs) -> StudyTable:
    """Draw parameters from the prior, observations of them from the emulator, and posteriors of those.

    What the emulator says is then the truth, so that ranks are uniform whatever it learned, if the chains mix.

    Returns:
        Columns parameter, ranks (p-value of Kolmogorov and Smirnov), bias and dispersion (means of z and z^2) with their
        p-values bias_p and dispersion_p, coverage_68, coverage_95.
    """
    (model,) = inputs.models.values()
    emulator, names = model.network.emulator(model.settings["kernel"]), system.prior.names
    count, draws = (inputs.settings[name] for name in ("observations", "draws"))
    generator = np.random.default_rng(job_seed(inputs.seed, "self_calibration"))
    theta = system.prior.sample(count, generator)
    observations = replicas(emulator, system.prior.standardised(theta), generator)
    seeds = generator.integers(2**31, size=count).tolist()
    posterior = [
        model.posterior(emulator, y, draws, seed) for y, seed in zip(observations, seeds, strict=True)
    ]
    u = randomised_ranks(theta, np.stack(posterior, axis=1), generator)
    rows = [{"parameter": name, **_row(u[:, k])} for k, name in enumerate(names)]
    smallest = min(min(row["ranks"], row["bias_p"], row["dispersion_p"]) for row in rows)
    return StudyTable(pd.DataFrame(rows), {"observations": count, "draws": draws, "smallest_p": smallest})


def _row(u: np.ndarray) -> dict[str, float]:
    """Tests of the ranks of one parameter, (n,)."""
    bias, dispersion = bias_test(u), dispersion_test(u)
    inside = {
        f"coverage_{name}": float(covered(u, share)) for name, share in (("68", 0.6827), ("95", 0.9545))
    }
    return {
        "ranks": uniformity_test(u).p,
        "bias": bias.statistic,
        "bias_p": bias.p,
        "dispersion": dispersion.statistic,
        "dispersion_p": dispersion.p,
        **inside,
    }
