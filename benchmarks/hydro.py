"""Hydrodynamics: exact flows at three resolutions, what an event costs, and how the cost grows.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/hydro.py exact
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/hydro.py cost --events 3
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/hydro.py convergence
    python benchmarks/hydro.py tensors --device cuda --events 256

Events are Pb+Pb at b = 7 fm from a Glauber model of this file, tau_0 s = 20 sqrt(T_A T_B) with nucleons of 0.7 fm, from
0.6 fm to a surface of 0.15 GeV with the lattice's equation of state, in steps of a quarter of a cell. Times are of CPU,
those of `tensors` of the wall. The yardstick is a pass of NumPy over arrays of six components of 64 x 64 cells, timed in
turns with events.
"""

import argparse
import time
from functools import partial

import numpy as np
import torch

from emulant.hydro.chain import spectra_of
from emulant.hydro.conformal import conformal
from emulant.hydro.cooper_frye import spectra, switch_at
from emulant.hydro.evolution import evolve
from emulant.hydro.gubser import Gubser
from emulant.hydro.lattice_fit import hotqcd
from emulant.hydro.matter import FLOOR, TOLERANCE, Matter, components_of
from emulant.hydro.numba_fluid import NumbaFluid
from emulant.hydro.primitives import Limits
from emulant.hydro.sources import DNMR, ISRAEL_STEWART
from emulant.hydro.state import GHOSTS, at_rest
from emulant.hydro.surface import freeze_out
from emulant.hydro.torch_fluid import TorchFluid

GRIDS = ((48, 0.5), (64, 0.4), (96, 0.25))
START, SWITCHING, IMPACT = 0.6, 0.15, 7.0
NUCLEONS, RADIUS, DIFFUSENESS, CROSS_SECTION, WIDTH, NORM = 208, 6.62, 0.546, 7.0, 0.7, 20.0
PT, PHI = 2 * (np.polynomial.legendre.leggauss(24)[0] + 1), 2 * np.pi * np.arange(32) / 32


def nucleus(generator):
    """Draw transverse positions of the nucleons of lead, (NUCLEONS, 2)."""
    r = 15 * generator.random(200 * NUCLEONS) ** (1 / 3)
    r = r[generator.random(len(r)) * (1 + np.exp((r - RADIUS) / DIFFUSENESS)) < 1][:NUCLEONS]
    cosine, phi = generator.uniform(-1, 1, len(r)), generator.uniform(0, 2 * np.pi, len(r))
    return (r * np.sqrt(1 - cosine**2))[:, None] * np.stack([np.cos(phi), np.sin(phi)], axis=1)


def initial(seed, cells, spacing):
    """Compute tau_0 s of an event, (cells, cells)."""
    generator = np.random.default_rng(seed)
    one, two = (nucleus(generator) + np.array([side * IMPACT / 2, 0.0]) for side in (-1, 1))
    hits = np.sum((one[:, None] - two) ** 2, axis=2) < CROSS_SECTION / np.pi
    x = (np.arange(cells) - (cells - 1) / 2) * spacing
    thickness = []
    for participants in (one[hits.any(axis=1)], two[hits.any(axis=0)]):
        along, across = (np.exp(-((x - c[:, None]) ** 2) / (2 * WIDTH**2)) for c in participants.T)
        thickness.append(along.T @ across / (2 * np.pi * WIDTH**2))
    return NORM * np.sqrt(thickness[0] * thickness[1])


def yardstick():
    """Time a pass of NumPy in CPU seconds."""
    fields, start = np.random.default_rng(1).random((6, 64, 64)), time.process_time()
    for _ in range(200):
        slopes = np.roll(fields, 1, axis=1) - fields
        fields = np.sqrt(fields * fields + np.minimum(np.abs(slopes), fields))
    return (time.process_time() - start) / 200


def timed_event(energy, spacing, viscosity, step):
    """Return CPU seconds of hydrodynamics, surface and spectra, steps and elements."""
    matter = hotqcd()
    switch = switch_at(matter, SWITCHING)
    fluid = NumbaFluid(Matter(matter.table, viscosity, hot=switch.energy), spacing)
    state = fluid.start(*at_rest(energy[None], components_of(viscosity)), START)
    times = [time.process_time()]
    evolution = evolve(fluid, state, step)[0]
    times.append(time.process_time())
    surface = freeze_out(evolution, switch.energy, spacing)
    times.append(time.process_time())
    spectra(surface, switch, PT, PHI)
    times.append(time.process_time())
    return *np.diff(times), evolution.steps, len(surface)


def cost(events, **_):
    """Print CPU seconds of an event, and the exponent of its growth with cells times steps."""
    for viscosity in (0.0, 0.1):
        growth = []
        for cells, spacing in GRIDS:
            densities = [initial(seed, cells, spacing) for seed in range(events)]
            energies = [np.maximum(hotqcd().energy_at_entropy(d / START), FLOOR) for d in densities]
            timed_event(energies[0], spacing, viscosity, spacing / 4)
            rows, passes = [], []
            for energy in energies:
                passes.append(yardstick())
                rows.append(timed_event(energy, spacing, viscosity, spacing / 4))
            hydro, surface, cooper_frye, steps, elements = np.mean(rows, axis=0)
            growth.append((cells**2 * steps, hydro))
            print(
                f"{cells}^2, {spacing} fm, eta/s {viscosity}: hydrodynamics {hydro:.3f} s, surface {surface:.3f} s,"
                f" spectra {cooper_frye:.3f} s; {steps:.0f} steps, {elements:.0f} elements; hydrodynamics over the"
                f" yardstick {hydro / np.mean(passes):.0f}"
            )
        slope = np.polyfit(*np.log(growth).T, 1)[0]
        print(f"eta/s {viscosity}: hydrodynamics grows as (cells x steps)^{slope:.2f}")


def exact(**_):
    """Print errors against Gubser's flow at three resolutions, and the orders of convergence."""
    print(
        "largest errors at 2 fm inside 3 fm over the largest value, of pi over e: e, u, pi^ij, tau^2 pi^eta eta"
    )
    for viscosity, coupling in ((0.0, DNMR), (0.2, ISRAEL_STEWART), (0.2, DNMR)):
        errors = []
        for spacing in (0.2, 0.1, 0.05):
            start = time.process_time()
            errors.append(gubser_errors(viscosity, coupling, spacing))
            words = " ".join(f"{error:.5f}" for error in errors[-1])
            print(
                f"eta/s {viscosity}, {coupling}, dx {spacing}: {words} ({time.process_time() - start:.1f} s)"
            )
        orders = np.log2(np.maximum(errors[:-1], 1e-12) / np.maximum(errors[1:], 1e-12))
        print("   orders", orders.round(2).tolist())


def gubser_errors(viscosity, coupling, spacing):
    """Run from 1 to 2 fm in a box of +-5 fm, without a cap on shear, from the exact solution."""
    cells, step, components = round(10 / spacing) + 1, spacing / 5, components_of(viscosity)
    flow = Gubser(1.2, viscosity, coupling)
    x = (np.arange(-GHOSTS, cells + GHOSTS) - (cells - 1) / 2) * spacing
    grid = np.meshgrid(x, x, indexing="ij")
    history = np.stack([flow.fields(1 - k * step, *grid)[1:3] for k in (1, 2)])
    matter = Matter(conformal().table, viscosity, coupling, Limits(FLOOR, TOLERANCE, 10.0, 0.0))
    fluid = NumbaFluid(matter, spacing)
    state = fluid.start(flow.fields(1.0, *grid)[None, :components], history[None], 1.0)
    for _ in range(round(1 / step)):
        state = fluid.advance(state, step)
    inner = slice(GHOSTS, -GHOSTS)
    inside = np.hypot(*grid)[inner, inner] < 3
    solution = flow.fields(state.time, *grid)[:, inner, inner][:, inside]
    result = np.zeros_like(solution)
    result[:components] = state.interior[0][:, inside]
    difference = np.abs(result - solution)
    shear = np.max(difference[3:] / solution[0])
    longitudinal = np.max(np.abs(_longitudinal(result) - _longitudinal(solution)) / solution[0])
    return [
        difference[0].max() / solution[0].max(),
        difference[1:3].max() / np.abs(solution[1:3]).max(),
        shear,
        longitudinal,
    ]


def _longitudinal(fields):
    """Compute tau^2 pi^{eta eta}."""
    _, u, v, xx, xy, yy = fields
    return (u * u * xx + 2 * u * v * xy + v * v * yy) / (1 + u * u + v * v) - xx - yy


def summary(result):
    """Return dN/dy, mean p_T, v_2 and v_3 of pions, and entropy, of the first event."""
    weights = result.values[0, 0] * (result.pt * result.pt_weights)[:, None] * 2 * np.pi / len(result.phi)
    number = weights.sum()
    flow = [abs(np.sum(weights * np.exp(1j * n * result.phi))) / number for n in (2, 3)]
    return [number, np.sum(weights * result.pt[:, None]) / number, *flow, result.entropy[0]]


def convergence(**_):
    """Print observables of one event on grids and in steps of several sizes."""
    for cells, spacing, fraction in ((48, 0.5, 4), (64, 0.4, 4), (64, 0.4, 8), (96, 0.25, 4)):
        result = spectra_of(
            initial(0, cells, spacing)[None],
            spacing=spacing,
            start_time=START,
            viscosity=0.1,
            switching_temperature=SWITCHING,
            time_step=spacing / fraction,
        )
        words = " ".join(f"{value:.5g}" for value in summary(result))
        print(f"{cells}^2, step {spacing / fraction} fm: N(pi+), <pT>, v2, v3, entropy {words}")


def tensors(events, device):
    """Print wall seconds of a batch on tensors, in float32, beside loops on one core."""
    densities = np.stack([initial(seed, 64, 0.4) for seed in range(events)])
    energy = np.maximum(hotqcd().energy_at_entropy(densities / START), FLOOR)
    switch = switch_at(hotqcd(), SWITCHING)
    for name, scheme, count in (
        ("loops, float64", NumbaFluid, min(events, 4)),
        (f"tensors on {device}, float32", partial(TorchFluid, device=device, dtype=torch.float32), events),
    ):
        fluid = scheme(Matter(hotqcd().table, 0.1, hot=switch.energy), 0.4)
        for _ in range(2):
            start = time.perf_counter()
            evolve(fluid, fluid.start(*at_rest(energy[:count], 6), START), 0.1)
        print(f"{name}: {(time.perf_counter() - start) / count:.4f} s an event, {count} at once")


def main():
    """Print what the chosen section measures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", choices=["cost", "exact", "convergence", "tensors"])
    parser.add_argument("--events", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    chosen = parser.parse_args()
    globals()[chosen.section](events=chosen.events, device=chosen.device)


if __name__ == "__main__":
    main()
