"""UrQMD as installed against tables of its lab-frame and centre-of-mass modes in resources/.

    OMP_NUM_THREADS=1 python benchmarks/urqmd.py --events 100
    OMP_NUM_THREADS=1 python benchmarks/urqmd.py --events 100 --frame cm

Au+Au at 10 GeV a nucleon, b = 1 fm, elastic scattering on. For each common species: mean and variance of its multiplicity,
mean transverse momentum, dN/dy at |y| < 0.5. The table of the lab-frame mode has 300 events and was made without this
package; that of the centre-of-mass mode, which references use, is from this script:
`--frame cm --events 1000 --seed 2026 --write resources/urqmd_cm_frame.csv`, half an hour on a core. It contains errors,
which are scaled to the number of events here; if a table has none, the errors are those of the events here.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from emulant.collisions.acceptance import COMMON, MIDRAPIDITY
from emulant.collisions.conserved import TOTALS, event_totals
from emulant.collisions.counts import cumulants_of, powers, species_counts
from emulant.collisions.events import Events, concatenated
from emulant.collisions.species import PDG, species_of
from emulant.collisions.spectra import pt_sums
from emulant.collisions.tables import read_events
from emulant.collisions.urqmd import Urqmd, make_pieces
from emulant.statistics.bootstrap import Estimate, bootstrap
from emulant.statistics.pulls import limit
from emulant.storage.pieces import pieces_of

RESOURCES = Path(__file__).parents[1] / "resources"
# Events behind each table, and its columns.
EVENTS_OF_TABLE, COLUMNS = {"lab": 300, "cm": 1000}, ("mean", "variance", "mean_pt", "midrapidity")
HEAD = """\
# Au+Au at 10 GeV a nucleon, b = 1 fm, UrQMD 3.4 with elastic scattering, {events} events, seed {seed}; cascade in the frame
# of {frame}. Written by benchmarks/urqmd.py.
# Number of each species: mean and variance over events; mean p_T in GeV; dN/dy at |y| < 0.5 in the nucleon-nucleon centre of
# mass; each with its error by bootstrap over events. PDG number 0: all particles.
"""
PIECE = 20
"""Events of a process: part of what a seed means, and so of the table in resources/."""
FRAMES = {"lab": "the target", "cm": "the nucleon-nucleon centre of mass"}


def measured(events: Events, pdg: int) -> dict[str, Estimate]:
    """Estimate the columns of the table for a species, or for all particles (0)."""
    column = int(np.flatnonzero(pdg == PDG)[0]) if pdg else None
    counts = events.sums() if column is None else species_counts(events)[:, column]
    centre = float(counts.mean())
    moments = bootstrap(powers(counts, centre), lambda means: cumulants_of(means, centre)[..., 0, :2], seed=1)
    estimates = {
        name: Estimate(moments.value[k], moments.error[k], moments.samples[:, k])
        for k, name in enumerate(("mean", "variance"))
    }
    if column is not None:
        estimates["mean_pt"] = bootstrap(pt_sums(events)[:, [column, column + len(PDG)]], _ratio, seed=1)
        estimates["midrapidity"] = bootstrap(species_counts(events, MIDRAPIDITY)[:, column], seed=1)
    return estimates


def _ratio(means: np.ndarray) -> np.ndarray:
    return means[..., 0] / means[..., 1]


def written(events: Events, options: argparse.Namespace) -> None:
    """Write a table of these events with errors."""
    rows = []
    for pdg in (0, *COMMON):
        estimates = measured(events, pdg)
        rows.append({"pdg": pdg})
        for name in estimates:
            rows[-1] |= {name: float(estimates[name].value), f"{name}_error": float(estimates[name].error)}
    table = pd.DataFrame(rows).to_csv(index=False, float_format="%.5g")
    head = HEAD.format(frame=FRAMES[options.frame], events=options.events, seed=options.seed)
    options.write.write_text(head + table, encoding="utf-8")


def compared(events: Events, options: argparse.Namespace) -> None:
    """Print every number with its error and its pull against the table."""
    pulls, share = [], len(events) / EVENTS_OF_TABLE[options.frame]
    print(f"{len(events)} events against {EVENTS_OF_TABLE[options.frame]}: value, error, pull")
    print(f"{'':10}" + "".join(f"{name:>28}" for name in COLUMNS))
    table = pd.read_csv(RESOURCES / f"urqmd_{options.frame}_frame.csv", comment="#")
    for row in table.to_dict("records"):
        line, estimates = "", measured(events, int(row["pdg"]))
        for name, estimate in estimates.items():
            table_error = row.get(f"{name}_error")
            error = float(estimate.error) if table_error is None else table_error / np.sqrt(share)
            pulls.append((float(estimate.value) - row[name]) / (error * np.sqrt(1 + share)))
            line += f"{float(estimate.value):12.4g}{error:10.2g}{pulls[-1]:+6.1f}"
        print(f"{species_of(int(row['pdg'])).name if row['pdg'] else 'all':10}{line}")
    pulls = np.array(pulls)
    print(
        f"worst pull {np.abs(pulls).max():.1f} of {len(pulls)} (limit {limit(len(pulls)):.1f}),"
        f" chi^2 / n = {np.mean(pulls**2):.2f}"
    )


def main() -> None:
    """Generate events, then compare them with a table or write one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--frame", choices=tuple(FRAMES), default="lab")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help="write a table here instead of comparing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pieces = pieces_of(folder, options.events, PIECE, "parquet")
        failures = make_pieces(Urqmd(frame=options.frame), pieces, seed=options.seed, workers=options.workers)
        if failures:
            raise SystemExit(f"UrQMD failed: {failures[0]}")
        events = concatenated([read_events(piece.path) for piece in pieces])
    (written if options.write else compared)(events, options)
    for name, column in zip(TOTALS, event_totals(events).T, strict=True):
        print(f"sum of {name}: {column.mean():.4g} +- {column.std():.2g}")


if __name__ == "__main__":
    main()
