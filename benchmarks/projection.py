"""Effect of the projection onto exact sums of momentum and energy on the spectra of heidi.

    python benchmarks/projection.py results/laptop/au_au_central

The same events, from the same random numbers, before and after the projection: standard deviations of the sums, and for
common species the change of mean transverse momentum, mean |y| and the fraction at |y| < 0.5 in units of the reference's
error.
"""

import argparse
from pathlib import Path

import numpy as np

from emulant.collisions.acceptance import COMMON
from emulant.collisions.conserved import TOTALS, event_totals
from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.tables import read_events

QUANTITIES = {
    "pT": lambda events: events.pt,
    "|y|": lambda events: np.abs(events.rapidity),
    "|y|<0.5": lambda events: (np.abs(events.rapidity) < 0.5).astype(float),
}


def mean(events, pdg, quantity):
    """Compute the mean over the particles of a species, and its error from the variance over events."""
    chosen = events.pdg == pdg
    total, number = events.sums(np.where(chosen, QUANTITIES[quantity](events), 0)), events.sums(chosen)
    value = total.sum() / number.sum()
    return value, (total - value * number).std() / number.mean() / np.sqrt(len(events))


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("experiment", type=Path, help="folder of an experiment")
    parser.add_argument("--model", default="heidi")
    options = parser.parse_args()
    reference = read_events(options.experiment / "reference.parquet")
    before = read_events(options.experiment / options.model / "ensemble_unprojected.parquet")
    with EventEnsemble(options.experiment / options.model / "ensemble.parquet") as ensemble:
        after = ensemble.read(0, len(before))
    print(
        f"standard deviations over events of sums{'':8}"
        + "".join(f"{name:>12}" for name in TOTALS[:4])
        + " GeV"
    )
    for name, events in (("reference", reference), ("before", before), ("after", after)):
        widths = event_totals(events)[:, :4].std(axis=0, ddof=1)
        print(f"{name:47}" + "".join(f"{width:12.3f}" for width in widths))
    print(
        f"\n{'species':>8}{'':10}{'reference':>12}{'error':>10}{'before':>10}{'after':>10}{'change/error':>14}"
    )
    for pdg in COMMON:
        for quantity in QUANTITIES:
            value, error = mean(reference, pdg, quantity)
            one, two = (mean(events, pdg, quantity)[0] for events in (before, after))
            print(
                f"{pdg:8d}{quantity:>10}{value:12.4f}{error:10.4f}{one:10.4f}{two:10.4f}{(two - one) / error:14.2f}"
            )


if __name__ == "__main__":
    main()
