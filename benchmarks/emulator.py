"""An emulator on a calibration table: errors, honesty and determination of every observable on held-out design points.

    python benchmarks/emulator.py --design design.csv --observables main.csv --errors errors.csv \
      --held-out-design validation.csv --held-out observables.csv --held-out-errors validation_errors.csv

The tables of the JETSCAPE SIMS study (mrhheffernan/js-sims-bayes) have observables as little-endian float64, for each
design point and each of four corrections of the distribution function: means and then errors of each observable in its
centralities.

    python benchmarks/emulator.py --sims FOLDER

For each observable: relative root mean square of the residuals, root mean square of z (1 where the emulator is honest) with
its error, mean of z, and R^2, over all its centralities and held-out points; and the root mean square of z of design
points, an eighth of them left out of the emulator at a time: of all, and of fifths from the smallest to the largest
prediction. Centralities move together, so that errors are of whole points: a jackknife. Seconds are of CPU.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from emulant.inference.emulation.learned import Design, Means
from emulant.inference.emulation.observables import ObservableEmulator
from emulant.inference.tables import DesignTable, read_table

CENTRALITIES = {
    "dNch_deta": 8, "dET_deta": 22, "dN_dy_pion": 8, "dN_dy_kaon": 8, "dN_dy_proton": 8, "dN_dy_Lambda": 5,
    "dN_dy_Omega": 4, "dN_dy_Xi": 4, "mean_pT_pion": 8, "mean_pT_kaon": 8, "mean_pT_proton": 8, "pT_fluct": 12,
    "v22": 8, "v32": 6, "v42": 6,
}  # fmt: skip
CORRECTIONS, GRAD = 4, 0
UNFINISHED = [289, 324, 326, 459, 462, 242, 406, 440, 123]
WITHOUT_GRAD = [334, 341, 377, 429, 447, 483]
LEFT_OUT = {"main": [*WITHOUT_GRAD, *UNFINISHED], "validation": [10, 68, 93]}
"""Design points that the study itself leaves out: runs that did not end, and where Grad's correction fails."""


def sims(folder, part):
    """Read one part of the study's tables."""
    design = pd.read_csv(folder / f"design_points_{part}_PbPb-2760.dat").drop(columns="idx")
    count = sum(CENTRALITIES.values())
    numbers = np.fromfile(folder / f"{part}.dat", "<f8").reshape(len(design), CORRECTIONS, 2 * count)[:, GRAD]
    means, errors, start = [], [], 0
    for length in CENTRALITIES.values():
        means.append(numbers[:, start : start + length])
        errors.append(numbers[:, start + length : start + 2 * length])
        start += 2 * length
    labels = tuple(f"{name}[{i}]" for name, length in CENTRALITIES.items() for i in range(length))
    values, deviations = np.hstack(means), np.hstack(errors)
    numbers = np.arange(len(design))
    table = DesignTable(tuple(design), design.to_numpy(), labels, values, deviations, numbers)
    table = table.without(LEFT_OUT[part])
    unknown = ~np.isfinite(np.hstack([table.observables, table.errors])).all(axis=1)
    return table.without(table.numbers[unknown])


def observable_of(label):
    """The observable of a column, without its centrality."""
    return label.split("[")[0]


def left_out_z(emulator, unseen):
    """Standardised residual of every design point when no process saw its part of the design, (n, m)."""
    noise = np.diag(emulator.noise.covariance) * emulator.noise.factors(unseen.means) ** 2
    unknown = np.square(unseen.rows) @ emulator.trust
    return unseen.residuals / np.sqrt(unknown + noise + unseen.statistical)


def fifths(emulator, unseen, labels):
    """Root mean square of z of design points, in fifths of them by the prediction of each column; a row an observable."""
    z, names = left_out_z(emulator, unseen), np.array([observable_of(label) for label in labels])
    order = np.argsort(unseen.means, axis=0)
    parts = np.array([np.square(np.take_along_axis(z, part, 0)).mean(0) for part in np.array_split(order, 5)])
    return pd.DataFrame({name: np.sqrt(parts[:, names == name].mean(1)) for name in dict.fromkeys(names)}).T


def root_mean_square(z):
    """Of z (points, centralities), and its error by a jackknife of points."""
    squares = np.square(z).mean(1)
    without = np.sqrt((squares.sum() - squares) / (len(squares) - 1))
    return np.sqrt(squares.mean()), np.sqrt((len(squares) - 1) * without.var())


def scores(table, mean, covariance, left):
    """One row for each observable; `left` are z of design points, (n, m)."""
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2) + table.errors**2)
    names = np.array([observable_of(label) for label in table.labels])
    rows = []
    for name in dict.fromkeys(names):
        columns = names == name
        truth, predicted = table.observables[:, columns], mean[:, columns]
        z = (truth - predicted) / deviation[:, columns]
        explained = 1 - np.square(truth - predicted).sum(0) / np.square(truth - truth.mean(0)).sum(0)
        relative = np.sqrt(np.square((truth - predicted) / truth).mean())
        rms, error = root_mean_square(z)
        row = {"observable": name, "relative_rms": relative, "rms_z": rms, "error": error}
        rows.append(
            row
            | {
                "mean_z": z.mean(),
                "R2": explained.mean(),
                "left_out_rms_z": root_mean_square(left[:, columns])[0],
            }
        )
    return pd.DataFrame(rows)


def tables(arguments):
    """Design and held-out points."""
    if arguments.sims:
        return [sims(arguments.sims, part) for part in ("main", "validation")]
    held_out = (arguments.held_out_design, arguments.held_out, arguments.held_out_errors)
    return [read_table(arguments.design, arguments.observables, arguments.errors), read_table(*held_out)]


def main():
    """Fit and score."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sims", type=Path)
    for name in ("design", "observables", "errors", "held-out-design", "held-out", "held-out-errors"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--components", type=int, default=10)
    parser.add_argument("--kernel", default="rbf")
    arguments = parser.parse_args()
    design, held_out = tables(arguments)
    low, high = design.parameters.min(0), design.parameters.max(0)
    start = time.process_time()
    points = Design(design.unit(low, high), design.observables, design.errors)
    means = Means.learned(points, arguments.components, arguments.kernel, 0)
    unseen = means.left_out(points, arguments.kernel, 0)
    emulator = ObservableEmulator.measured(means, unseen, design.observables)
    fitted, start = time.process_time() - start, time.process_time()
    mean, covariance = emulator.predict(held_out.unit(low, high))
    spent = 1e3 * (time.process_time() - start) / len(held_out)
    rows = scores(held_out, mean, covariance, left_out_z(emulator, unseen))
    print(rows.to_string(index=False, float_format="%.4f"))
    print(fifths(emulator, unseen, design.labels).to_string(float_format="%.2f"))
    print(
        f"{len(design)} design points, fit {fitted:.0f} s; {len(held_out)} held out, {spent:.2f} ms a prediction"
    )


if __name__ == "__main__":
    main()
