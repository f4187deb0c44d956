"""T_RENTo's initial states beside 4000 events of the public C++ program (seed 1, w = 0.5 fm, k = 1.6, p = 0); their cost.

python benchmarks/initial_states.py --events 1000
"""

import argparse
import time

import numpy as np

from emulant.initial.eccentricity import eccentricities
from emulant.initial.nuclei import NUCLEI
from emulant.initial.trento import Trento

CASES = {
    "Pb b=0": (("Pb", 0.0, 7.0), {}, "409.82(.04) 183.02(.12) .0758(6) .0847"),
    "Pb b=7": (("Pb", 7.0, 7.0), {}, "226.34(.26) 81.04(.13) .3087(16) .1629"),
    "Au b=7": (("Au", 7.0, 4.23), {}, "185.18(.24) 70.50(.12) .3245(17) .1719"),
    "Au b=7, p=1, no fluctuations": (
        ("Au", 7.0, 4.23),
        {"reduced_p": 1.0, "fluctuation": float("inf")},
        "185.53(.24) 92.764(.12) .2320(15) .1544",
    ),
    "U b=0": (("U", 0.0, 4.23), {}, "454.64(.11) 203.42(.14) .1344(11) .0833"),
}


def row(case, settings, events):
    """Means with errors of participants, multiplicity, eps_2, eps_3, and milliseconds of CPU an event."""
    name, b, cross_section = case
    trento = Trento(NUCLEI[name], NUCLEI[name], (b, b), cross_section, **settings)
    trento.events([0], 1)
    begun = time.process_time()
    states = trento.events(range(events), seed=1)
    cost = (time.process_time() - begun) / events
    moments = np.abs(eccentricities(states.densities, trento.spacing))
    columns = [states.participants, states.multiplicity, moments[:, 0], moments[:, 1]]
    words = [f"{c.mean():.4f} +- {c.std() / np.sqrt(events):.4f}" for c in columns]
    return [*words, f"{1e3 * cost:.2f} ms"]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    events = parser.parse_args().events
    for label, (case, settings, public) in CASES.items():
        print(label, "|", " | ".join(row(case, settings, events)), "| public:", public)


if __name__ == "__main__":
    main()
