"""From initial entropy densities to spectra of hadrons: hydrodynamics, freeze-out surface, Cooper-Frye."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emulant.hydro.checks import (
    check_initial,
    check_numbers,
    check_step,
    checked_densities,
    checked_viscosity,
)
from emulant.hydro.cooper_frye import Switch, conserved, spectra, switch_at
from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.evolution import Evolution, evolve
from emulant.hydro.lattice_fit import hotqcd
from emulant.hydro.matter import FLOOR, Matter, components_of
from emulant.hydro.numba_fluid import NumbaFluid
from emulant.hydro.state import Fluid, at_rest
from emulant.hydro.surface import freeze_out
from emulant.hydro.thermal import SPECIES, ThermalSpecies

__all__ = ["Spectra", "spectra_of"]

STEP = 0.25
"""Default time step in spacings: from 0.4 of a spacing on numbers of hadrons in peripheral events are off by per cent."""


@dataclass(frozen=True)
class Spectra:
    """Thermal spectra of pi^+, K^+ and p, one charge state each, without decays; N events.

    Attributes:
        values: dN / (dy p_T dp_T dphi) in 1/GeV^2, (N, 3, nodes, angles).
        pt: nodes in GeV, (nodes,).
        pt_weights: Gauss-Legendre weights on (0, pt_max) in GeV, (nodes,): N = sum of values pt pt_weights 2 pi / angles.
        phi: equally spaced azimuths from 0, (angles,).
        steps: time steps, (N,).
        capped: largest fraction of hot cells whose shear a step scaled down, (N,).
        entropy: that leaves through the surface, per unit of rapidity, (N,).
        elements: of the surface, (N,).
        clipped: part of the yield whose shear correction was scaled down, (N, 3).
        species: of the second axis.
    """

    values: np.ndarray
    pt: np.ndarray
    pt_weights: np.ndarray
    phi: np.ndarray
    steps: np.ndarray
    capped: np.ndarray
    entropy: np.ndarray
    elements: np.ndarray
    clipped: np.ndarray
    species: tuple[ThermalSpecies, ...] = SPECIES


class Hadrons(NamedTuple):
    """What an event ends as; attributes as of Spectra."""

    values: np.ndarray
    steps: int
    capped: float
    entropy: float
    elements: int
    clipped: np.ndarray


def spectra_of(
    densities: np.ndarray,
    *,
    spacing: float,
    start_time: float,
    viscosity: float | np.ndarray,
    switching_temperature: float,
    equation_of_state: EquationOfState | None = None,
    time_step: float | None = None,
    pt_nodes: int = 24,
    pt_max: float = 4.0,
    angles: int = 32,
    species: Sequence[ThermalSpecies] = SPECIES,
    threads: int = 1,
    fluid: Callable[[Matter, float], Fluid] = NumbaFluid,
    batch: int = 1,
) -> Spectra:
    """Compute the spectra of events.

    Arguments:
        densities: tau_0 s(x, y) in 1/fm^2 on a square grid, (N, n, n), axes x and y, at rest and without shear.
        spacing: of the grid, fm.
        start_time: tau_0, fm.
        viscosity: eta / s >= 0, one number or (N,); at 0 the fluid is ideal.
        switching_temperature: GeV.
        equation_of_state: the lattice's (`hotqcd`) if not said.
        time_step: fm, a quarter of the spacing if not said.
        pt_nodes, pt_max: Gauss-Legendre nodes of p_T on (0, pt_max) GeV.
        angles: number of azimuths.
        species: hadrons, pi^+, K^+ and p if not said.
        threads: events at once; results do not depend on it.
        fluid: scheme, called with matter and spacing.
        batch: events that the scheme moves on together; of loops one, of tensors on a GPU hundreds.

    Raises:
        InputError: before any work.
        Unstable: where a run cannot be trusted.
    """
    matter = equation_of_state or hotqcd()
    step = STEP * spacing if time_step is None else time_step
    check_numbers(spacing=spacing, start_time=start_time, time_step=step, pt_max=pt_max)
    check_numbers(pt_nodes=pt_nodes, angles=angles, threads=threads, batch=batch)
    densities = checked_densities(densities)
    viscosity = checked_viscosity(viscosity, len(densities))
    energy = np.maximum(matter.energy_at_entropy(densities / start_time), FLOOR)
    check_initial(energy, matter, switching_temperature)
    check_step(step, spacing, viscosity, matter.temperature_at_energy(energy.max(axis=(1, 2))))
    nodes, weights = np.polynomial.legendre.leggauss(pt_nodes)
    pt, intervals = pt_max * (nodes + 1) / 2, pt_max * weights / 2
    phi = 2 * np.pi * np.arange(angles) / angles
    switch = switch_at(matter, switching_temperature)

    def run(events: np.ndarray) -> list[Hadrons]:
        """Compute events of one eta / s."""
        one = float(viscosity[events[0]])
        scheme = fluid(Matter(matter.table, one, hot=switch.energy), spacing)
        state = scheme.start(*at_rest(energy[events], components_of(one)), start_time)
        evolutions = evolve(scheme, state, step, events)
        return [
            _hadrons(evolution, switch, spacing, pt, pt * intervals, phi, species) for evolution in evolutions
        ]

    groups = list(_groups(viscosity, batch))
    with ThreadPoolExecutor(threads) as pool:
        results = [hadrons for part in pool.map(run, groups) for hadrons in part]
    order = np.argsort(np.concatenate(groups), kind="stable")
    columns = {name: np.stack([getattr(results[k], name) for k in order]) for name in Hadrons._fields}
    return Spectra(pt=pt, pt_weights=intervals, phi=phi, species=tuple(species), **columns)


def _groups(viscosity: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Yield the events of each eta / s, at most `size` at a time."""
    for value in np.unique(viscosity):
        events = np.flatnonzero(viscosity == value)
        yield from (events[first : first + size] for first in range(0, len(events), size))


def _hadrons(
    evolution: Evolution,
    switch: Switch,
    spacing: float,
    pt: np.ndarray,
    measure: np.ndarray,
    phi: np.ndarray,
    species: Sequence[ThermalSpecies],
) -> Hadrons:
    """Compute the spectra of an event from its evolution."""
    surface = freeze_out(evolution, switch.energy, spacing)
    emission = spectra(surface, switch, pt, phi, species)
    values, entropy = conserved(emission, measure), switch.entropy * surface.volumes.sum()
    return Hadrons(values, evolution.steps, evolution.capped, entropy, len(surface), emission.clipped)
