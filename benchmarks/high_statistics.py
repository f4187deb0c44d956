"""Hybrid Monte Carlo against published high-statistics values with L <= 32, and against the exact free field.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/high_statistics.py
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/high_statistics.py --quench 100000

Each point (lattice, kappa, lambda) is tuned, thermalised and measured until every error is at most twice the published
one. The worst pull is compared with the limit that correct values exceed in one run of a hundred. Observables of one point
are correlated: the p-value of chi^2 = sum of squared pulls uses the correlation matrix of our jackknife samples, which
the published values of the same observables share. The exit status is 1 if the pulls exceed their limit, the p-value is
at most 1e-3, or an error is too large.

With `--quench N`: cumulant ratios and acceptance of N configurations of the published recipe at 32 x 32, kappa = 0.4,
lambda = 0.022, instead; `--leapfrog --steps 100` is exactly the published recipe.
"""

import argparse
import sys

import numpy as np
import pandas as pd
from tqdm import tqdm

from emulant.contracts.declaration import SYSTEMS
from emulant.lattice.backends import BACKENDS, backend
from emulant.lattice.free import free_power
from emulant.lattice.on_the_fly import OnTheFly
from emulant.lattice.quench import quenched
from emulant.lattice.starts import begin
from emulant.lattice.trajectory import LEAPFROG, OMELYAN
from emulant.lattice.tuning import HybridMonteCarlo
from emulant.markov.driver import prepare
from emulant.statistics.pulls import limit, pull
from emulant.systems import observables_of
from emulant.systems.phi4.system import Phi4

TABLE = SYSTEMS / "phi4/published_high_statistics.csv"
LARGEST = 32
"""Largest L, to bound the run time."""
FALSE_ALARM = 0.01
"""Probability that correct values fail the limit of the pulls."""
SMALLEST_P = 1e-3
"""Of chi^2, a looser second criterion."""
ERROR_RATIO = 2.0
"""Our error over the published one, at most; four times fewer configurations at equal autocorrelation."""
FREE = [((32, 32), 0.2), ((32, 32), 0.24), ((16, 16), 0.2), ((16, 8), 0.2), ((8, 8), 0.2)]
# Lattice and couplings of the published quench.
QUENCH = {"shape": (32, 32), "kappa": 0.4, "coupling": 0.022}


def published():
    """Return the rows of the table with L <= LARGEST: shape, kappa, coupling, observable, index, value, error, protocol."""
    table = pd.read_csv(TABLE, comment="#")
    numbers = (
        table["parameters"].str.extract(r"kappa=(?P<kappa>[\d.]+);lambda=(?P<coupling>[\d.]+)").astype(float)
    )
    table = table.assign(shape=[tuple(map(int, text.split("x"))) for text in table["shape"]], **numbers)
    return table[[max(shape) <= LARGEST for shape in table["shape"]]]


def free_rows():
    """Compute exact values of the free field in the columns of `published`; M and phi at a site are Gaussian."""
    rows = []
    for shape, kappa in FREE:
        power, volume = free_power(kappa, shape), np.prod(shape)
        zero = power.flat[0]
        smallest = power[
            tuple(1 if length == max(shape) and axis == 0 else 0 for axis, length in enumerate(shape))
        ]
        exact = {
            ("field_squared", 0): power.mean(),
            ("action_density", 0): 0.5,
            ("susceptibility", 0): zero,
            ("abs_magnetisation", 0): np.sqrt(2 * zero / (np.pi * volume)),
            ("susceptibility_abs", 0): zero * (1 - 2 / np.pi),
            ("binder", 0): 0.0,
            ("correlation_length", 0): np.sqrt(zero / smallest - 1) / (2 * np.sin(np.pi / max(shape))),
            **{("kappa_ratio", n): 0.0 for n in (4, 6, 8)},
        }
        rows += [(shape, kappa, 0.0, *key, value, 0.0) for key, value in exact.items()]
    return pd.DataFrame(rows, columns=["shape", "kappa", "coupling", "observable", "index", "value", "error"])


def measured(shape, kappa, coupling, rows, options):
    """Measure one point; return its rows with our values, errors and pulls, and our jackknife samples (blocks, rows)."""
    chains, hot = begin(
        shape, kappa, coupling, chains=options.chains, seed=options.seed, engine=options.backend
    )
    update, diagnostics = prepare(chains, hot, HybridMonteCarlo())
    observables = observables_of(Phi4.kind)
    chosen = [observables[name] for name in dict.fromkeys(rows["observable"])]
    run = OnTheFly(chosen, Phi4(kappa, coupling, shape))
    sweeps = -(-options.samples // options.chains)
    while True:
        run.follow(chains, update, sweeps=sweeps, thin=diagnostics["thin"])
        values = run.values()
        columns = [
            (row.observable, observables[row.observable].indices(shape).index(row.component))
            for row in rows.rename(columns={"index": "component"}).itertuples()
        ]
        value = np.array([values[name].value[i] for name, i in columns])
        error = np.array([values[name].error[i] for name, i in columns])
        done = len(chains) * run.sweeps
        if np.all((error <= ERROR_RATIO * rows["error"]) | (rows["error"] == 0)) or done >= options.most:
            break
    pulls = [pull(v, e, t, s) for v, e, t, s in zip(value, error, rows["value"], rows["error"], strict=True)]
    samples = np.column_stack([values[name].samples[:, i] for name, i in columns])
    return rows.assign(ours=value, our_error=error, pull=pulls), samples, (done, diagnostics)


def chi2_p_value(chi2, samples, draws=100_000):
    """Estimate P(sum of squared pulls >= chi2), with the correlations of jackknife samples (blocks, rows) of each point."""
    generator, total = np.random.default_rng(1), np.zeros(draws)
    for replicas in samples:
        weights = np.linalg.eigvalsh(np.corrcoef(replicas.T))
        total += generator.standard_normal((draws, len(weights))) ** 2 @ np.maximum(weights, 0)
    return float((1 + np.sum(total >= chi2)) / (1 + draws))


def scan(options):
    """Measure all points; return whether they agree."""
    table = published()
    table = pd.concat([table[table["protocol"] == "equilibrium"], free_rows()], ignore_index=True)
    results, samples = [], []
    for (shape, kappa, coupling), rows in tqdm(
        list(table.groupby(["shape", "kappa", "coupling"], sort=False))
    ):
        result, replicas, (count, diagnostics) = measured(shape, kappa, coupling, rows, options)
        results.append(result)
        samples.append(replicas)
        name = f"{shape[0]}x{shape[1]} kappa = {kappa} lambda = {coupling}"
        tqdm.write(f"\n{name}: {count} configurations, thinned by {diagnostics['thin']}")
        for row in result.rename(columns={"index": "n"}).itertuples():
            label = row.observable if row.n == 0 else f"{row.observable} {row.n}"
            ours, theirs = f"{row.ours:.8g} +- {row.our_error:.2g}", f"{row.value:.8g} +- {row.error:.2g}"
            tqdm.write(f"  {label:20} {ours:>26} {theirs:>26} {row.pull:+6.2f}")
    return judge(pd.concat(results), samples)


def judge(results, samples):
    """Print the verdict on all rows; return whether they agree."""
    worst = results.loc[results["pull"].abs().idxmax()]
    largest, chi2 = limit(len(results), FALSE_ALARM), float((results["pull"] ** 2).sum())
    p = chi2_p_value(chi2, samples)
    ratio = (results["our_error"] / results["error"])[results["error"] > 0].max()
    print(f"\n{len(results)} rows at {len(samples)} points")
    print(
        f"worst pull {worst['pull']:+.2f} ({worst['shape']}, kappa = {worst['kappa']}, {worst['observable']}",
        end="",
    )
    print(f" {worst['index']}), limit {largest:.2f} at false alarm {FALSE_ALARM}")
    print(f"chi^2 = {chi2:.1f}, p = {p:.3g} (must exceed {SMALLEST_P})")
    print(f"largest error over the published one {ratio:.2f} (must not exceed {ERROR_RATIO})")
    return bool(abs(worst["pull"]) <= largest and p > SMALLEST_P and ratio <= ERROR_RATIO)


def quench(options):
    """Print cumulant ratios of the published recipe; return whether they agree with the high-statistics ones."""
    law = tuple(QUENCH.values())
    run = OnTheFly([observables_of(Phi4.kind)["kappa_ratio"]], Phi4(law[1], law[2], law[0]))
    batch, accepted = 1024, 0.0
    for number in tqdm(range(-(-options.quench // batch))):
        sequence = np.random.SeedSequence(options.seed, spawn_key=(number,))
        count = min(batch, options.quench - number * batch)
        fields, acceptance = quenched(
            lambda start, seed: backend(options.backend)(*law, start, seed=seed),
            (count, *QUENCH["shape"]),
            sequence,
            steps=options.steps,
            xi=LEAPFROG if options.leapfrog else OMELYAN,
        )
        accepted += count * acceptance
        run.add(fields, np.arange(count) % 256)
    ratios = run.values()["kappa_ratio"]
    table = published()
    table = table[(table["protocol"] == "quench") & (table["observable"] == "kappa_ratio")].sort_values(
        "index"
    )
    pulls = [
        pull(*numbers)
        for numbers in zip(ratios.value, ratios.error, table["value"], table["error"], strict=True)
    ]
    name = "leapfrog" if options.leapfrog else "Omelyan's integrator"
    print(f"{options.quench} quenches by {name} with {options.steps} forces, ", end="")
    print(f"acceptance {accepted / options.quench:.4f}")
    for n, value, error, row, z in zip(
        (4, 6, 8), ratios.value, ratios.error, table.itertuples(), pulls, strict=True
    ):
        print(
            f"kappa_{n}/kappa_2^{n // 2}: {value:.5f} +- {error:.5f}, expected {row.value} +- {row.error}, {z:+.2f}"
        )
    return bool(np.max(np.abs(pulls)) <= limit(3, FALSE_ALARM))


def main():
    """Run the scan or the quench; exit with 1 if values disagree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--samples", type=int, default=131072, help="configurations of a point before errors are looked at"
    )
    parser.add_argument("--most", type=int, default=2**21, help="configurations of a point at most")
    parser.add_argument("--chains", type=int, default=256)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", choices=BACKENDS, default="numba")
    parser.add_argument("--quench", type=int, metavar="N", help="measure N quenches instead")
    parser.add_argument("--steps", type=int, default=40, help="forces of a unit trajectory of the quench")
    parser.add_argument("--leapfrog", action="store_true", help="in the quench, for Omelyan's integrator")
    options = parser.parse_args()
    sys.exit(0 if (quench if options.quench else scan)(options) else 1)


if __name__ == "__main__":
    main()
