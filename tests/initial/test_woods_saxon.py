import numpy as np
import pytest
from scipy.integrate import quad

from emulant.initial.nuclei import NUCLEI
from emulant.initial.woods_saxon import draw_nucleus
from emulant.kinetic.draws import stream_of

LEAD = NUCLEI["Pb"]
EVENTS = 300


def drawn(nucleus, distance=0.0, seed=1):
    """Transverse positions (EVENTS, mass number, 2), and the number of nucleons that are too close to another."""
    parameters = np.array([nucleus.radius, nucleus.diffuseness, nucleus.beta2, nucleus.beta4])
    stream = stream_of(np.random.SeedSequence(seed))
    positions = np.empty((EVENTS, nucleus.mass_number, 2))
    return positions, sum(draw_nucleus(stream, parameters, distance, out) for out in positions)


def mean_square(nucleus):
    """<x^2 + y^2> = 2/3 <r^2> of a spherical density, by quadrature."""

    def weighted(r, power):
        return r**power / (1 + np.exp((r - nucleus.radius) / nucleus.diffuseness))

    edge = nucleus.radius + 10 * nucleus.diffuseness
    fourth, second = (quad(weighted, 0, edge, args=(power,))[0] for power in (4, 2))
    return 2 / 3 * fourth / second


@pytest.mark.parametrize("distance", [0.0, 1.0])
def test_a_minimum_distance_leaves_the_density_as_it_is(distance):
    """Within 4 standard errors (false alarm 6e-5); nucleons of an event are independent but for the distance."""
    squares = (drawn(LEAD, distance)[0] ** 2).sum(axis=2).mean(axis=1)
    assert abs(squares.mean() - mean_square(LEAD)) < 4 * squares.std() / np.sqrt(EVENTS)


def test_a_minimum_distance_parts_nucleons():
    """Where spheres of 1 fm cannot touch, pairs closer than 0.5 fm in the plane are rarer; 5e-5 of them find no room."""

    def close(positions):
        total = 0
        for event in positions[:50]:
            squared = ((event[:, None] - event[None]) ** 2).sum(axis=2)
            total += np.count_nonzero(squared[np.triu_indices(len(event), 1)] < 0.25)
        return total

    apart, crowded = drawn(LEAD, 1.0)
    free = close(drawn(LEAD)[0])
    assert close(apart) < free - 4 * np.sqrt(2 * free)
    assert crowded < 30


def test_a_deformed_nucleus_has_a_quadrupole():
    """<(x^2 - y^2)^2> of the mean over nucleons: its rest after independent scatter is that of the axis."""
    positions, _ = drawn(NUCLEI["U"])
    quadrupole = (positions[..., 0] + 1j * positions[..., 1]) ** 2
    scatter = (np.abs(quadrupole) ** 2).mean() / quadrupole.shape[1]
    squared = np.abs(quadrupole.mean(axis=1)) ** 2
    assert squared.mean() - scatter > 10 * squared.std() / np.sqrt(EVENTS)
    sphere, _ = drawn(LEAD)
    quadrupole = (sphere[..., 0] + 1j * sphere[..., 1]) ** 2
    squared = np.abs(quadrupole.mean(axis=1)) ** 2
    scatter = (np.abs(quadrupole) ** 2).mean() / quadrupole.shape[1]
    assert abs(squared.mean() - scatter) < 4 * squared.std() / np.sqrt(EVENTS)
