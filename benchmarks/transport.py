"""The surrogate of charge transport against kinetic theory, what it does to a charge separation, and what an event costs.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/transport.py theory opacity survival background cost

Own kinetic surrogate, not AMPT. Errors are of means over boxes or events. Times are of CPU.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from emulant.contracts.study import StudyInputs
from emulant.kinetic.cascade import Matter, Stage
from emulant.kinetic.collider import collide_in_cell
from emulant.kinetic.draws import stream_of
from emulant.kinetic.partons import thermal_momenta
from emulant.kinetic.separation import asymmetry
from emulant.kinetic.transport import TIMES
from emulant.storage.yaml_files import read_yaml
from emulant.systems.charge_transport.studies import studies
from emulant.systems.charge_transport.system import CELL, STEP, from_settings

EXPERIMENT = Path(__file__).parents[1] / "config/experiments/cme_unfolding.yaml"
START, WIDTHS = 0.4, np.array([2.0, 2.6])
ECCENTRICITY = np.diff(WIDTHS**2)[0] / np.sum(WIDTHS**2)
PARTONS = 2000


def stream(*seed):
    """Random numbers of an event."""
    return stream_of(np.random.SeedSequence(seed))


def words(values, scale=1.0):
    """Mean and error of independent numbers."""
    values = np.asarray(values) / scale
    return f"{values.mean():.4f} +- {values.std(ddof=1) / np.sqrt(len(values)):.4f}"


def gas(position, momentum):
    """Massless partons without charges."""
    count = len(momentum)
    return Matter(position, momentum, np.zeros(count), np.zeros(count, int), np.zeros(count, int))


def second_moment(momentum):
    """<p_z^2 - p^2 / 3>."""
    return np.mean(momentum[:, 3] ** 2 - momentum[:, 0] ** 2 / 3)


def stretched(count, a, generator):
    """Momenta of a thermal gas with the density 1 + a P_2 in angle."""
    momentum = thermal_momenta(4 * count, 0.3, generator)
    cosine = momentum[:, 3] / momentum[:, 0]
    accepted = generator.random(len(cosine)) * (1 + a) < 1 + a * (3 * cosine**2 - 1) / 2
    return momentum[accepted][:count]


def theory():
    """Print rates, the decay of an anisotropy and the pressures of free streaming beside exact values."""
    boxes, count, a, depth = 200, 50_000, 0.8, 0.01
    collisions, decays = [], {True: [], False: []}
    for box in range(boxes):
        generator = np.random.default_rng((1, box))
        momentum = thermal_momenta(count, 0.3, generator)
        number = collide_in_cell(momentum, np.zeros(count), np.arange(count), depth / count, stream(2, box))
        collisions.append(2 * number / count / depth)
        for alike, changes in decays.items():
            momentum = stretched(count, a, generator)
            momentum /= momentum[:, :1] if alike else 1.0
            exact = 2 * a / 15 * np.mean(momentum[:, 0] ** 2)
            before = second_moment(momentum)
            collide_in_cell(momentum, np.zeros(count), np.arange(count), depth / count, stream(3, box))
            changes.append((second_moment(momentum) - before) / exact / depth)
    print(f"collisions of a particle over n sigma t: {words(collisions)} (1)")
    print(f"d ln Q / dt over n sigma, one energy: {words(decays[True])} ({-(7 / 9 + 2 * a / 45):.4f})")
    print(f"d ln Q / dt over n sigma, thermal: {words(decays[False])} ({-(2 / 3 + a / 30):.4f})")
    for ratio, exact in ((2.5, 0.21963), (5, 0.06448), (10, 0.01780), (30, 0.00213)):
        matter = gas(np.zeros((400_000, 2)), thermal_momenta(400_000, 0.3, np.random.default_rng(4)))
        Stage(0.0, STEP, CELL, "").evolve(matter, START, ratio * START, stream(5))
        e, px, py, pz = matter.momentum.T
        transverse = np.mean((px**2 + py**2) / 2 / e)
        batches = (pz**2 / e).reshape(100, -1).mean(axis=1) / transverse
        print(f"free streaming, tau / tau_0 = {ratio}: P_L / P_T {words(batches)} ({exact})")


def elliptic(matter):
    """<cos 2 phi>."""
    px, py = matter.momentum[:, 1:3].T
    return np.mean((px**2 - py**2) / (px**2 + py**2))


def opacity(events):
    """Print v_2 / epsilon of a Gaussian ellipse at 12 fm against the number of collisions."""
    for cross_section in (0.02, 0.05, 0.1, 0.2, 0.3):
        changes, collisions = [], 0
        for event in range(events):
            generator = np.random.default_rng((6, event))
            position = WIDTHS * generator.standard_normal((PARTONS, 2))
            matter = gas(position, thermal_momenta(PARTONS, 0.3, generator))
            before = elliptic(matter)
            stage = Stage(cross_section, STEP, CELL, "parton_cross_section")
            collisions += stage.evolve(matter, START, 12.0, stream(7, event))
            changes.append(elliptic(matter) - before)
        number = 2 * collisions / PARTONS / events
        print(f"sigma {cross_section} fm^2: {number:.3f} collisions, v2/eps {words(changes, ECCENTRICITY)}")


def survival(events):
    """Print the separation over its beginning at each slice, of events without flow and local charges."""
    block = read_yaml(EXPERIMENT)["system"] | {"flow": 0.0, "local_charges": 0.0}
    for cross_section in (0.0, 0.02, 0.05, 0.1):
        law = from_settings(block | {"parton_cross_section": cross_section}).law
        rows = [
            [asymmetry(matter) for matter in law.history(0.1, np.random.SeedSequence(8, spawn_key=(event,)))]
            for event in range(events)
        ]
        mean, error = np.mean(rows, axis=0), np.std(rows, axis=0) / np.sqrt(events)
        pairs = (f"{m:.4f}({1e4 * e:.0f})" for m, e in zip(mean, error, strict=True))
        print(f"sigma {cross_section} fm^2: asymmetry {' '.join(pairs)}")


def background(events):
    """Print the study of the experiment."""
    inputs = StudyInputs({"events": events, "separation": 0.1}, seed=9)
    print(studies["background"](from_settings(read_yaml(EXPERIMENT)["system"]), inputs).table.to_string())


def cost(events):
    """Print CPU time of an event of the experiment, after compilation."""
    law = from_settings(read_yaml(EXPERIMENT)["system"]).law
    law.event(0.1, np.random.SeedSequence(10))
    for count in (events, 4 * events):
        start = time.process_time()
        for event in range(count):
            law.event(0.1, np.random.SeedSequence(10, spawn_key=(event,)))
        whole = time.process_time()
        for event in range(count):
            matters = law.history(0.1, np.random.SeedSequence(10, spawn_key=(event,)))
            for _ in zip(TIMES, matters, strict=False):
                pass
        spent = (
            1e3 * (until - since) / count for since, until in ((start, whole), (whole, time.process_time()))
        )
        print(f"{count} events: {next(spent):.2f} ms each, {next(spent):.2f} ms of them to 6 fm")


def main():
    """Run sections in the order of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "sections", nargs="+", choices=["theory", "opacity", "survival", "background", "cost"]
    )
    parser.add_argument("--events", type=int, default=400)
    arguments = parser.parse_args()
    counts = {
        "opacity": arguments.events,
        "survival": arguments.events // 2,
        "background": 3 * arguments.events,
        "cost": arguments.events // 8,
    }
    for section in arguments.sections:
        globals()[section](*([counts[section]] if section in counts else []))


if __name__ == "__main__":
    main()
