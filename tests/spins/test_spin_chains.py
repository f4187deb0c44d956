"""Chains of spins: each move leaves the exact law alone, reaches it from both starts, and goes on bit for bit."""

import numpy as np
import pytest

from emulant.spins.bonds import bond_sum, neighbours, ordered, update_order
from emulant.spins.spin_chains import TRIANGLES, SpinChains, SpinMoves, callen, starts
from emulant.spins.transfer_matrix import TransferMatrix, log_partition

MOVES = {
    "heat_bath": SpinMoves(heat_bath=1),
    "metropolis": SpinMoves(metropolis=1),
    "clusters": SpinMoves(clusters=3),
    "triangles": SpinMoves(triangles=2),
}
LAWS = [(0.44, "square"), (-0.5, "square"), (0.25, "triangular"), (-0.6, "triangular")]
LAW = pytest.mark.parametrize(("coupling", "lattice"), LAWS)
APPLICABLE = [
    (*law, name) for law in LAWS for name in MOVES if name != "triangles" or law == (-0.6, "triangular")
]
"""Triangles are clusters of the triangular antiferromagnet alone."""
SHAPE = (6, 6)


def pulls(spins, coupling, lattice):
    """Of the mean of s s', of its variance and of Callen's identity, over independent chains."""
    exact, bonds = log_partition(coupling, SHAPE, lattice), bond_sum(spins, lattice)
    measured = (
        bonds - exact.slope,
        (bonds - exact.slope) ** 2 - exact.curvature,
        callen(spins, coupling, lattice),
    )
    return [values.mean() / (values.std() / np.sqrt(len(values))) for values in measured]


@pytest.mark.parametrize(("coupling", "lattice", "name"), APPLICABLE)
def test_the_exact_law_stays(coupling, lattice, name):
    """4000 chains that begin with exact configurations: 39 pulls below 4.8, false alarm 6e-5 in all."""
    start = TransferMatrix(coupling, SHAPE, lattice).sample(4000, np.random.default_rng(1)).spins
    chains = SpinChains(start, coupling, lattice, seed=2)
    acceptance = chains.advance(MOVES[name], 3)
    assert (chains.spins != start).any((1, 2)).mean() > 0.5
    assert (acceptance == 1).all() == (name != "metropolis") and 0 < acceptance.mean() <= 1
    assert max(map(abs, pulls(chains.spins, coupling, lattice))) < 4.8


def test_triangles_melt_stripes():
    """At zero temperature but for e^-12: both directions as in exact samples, 2 pulls below 4.8 (3e-6); Wolff's do not."""
    exact = TransferMatrix(-3.0, SHAPE, "triangular").sample(400, np.random.default_rng(5)).spins
    start = np.repeat(ordered(SHAPE, "triangular", aligned=False)[None], 400, 0)
    melted, trapped = (SpinChains(start, -3.0, "triangular", seed=6) for _ in range(2))
    melted.advance(TRIANGLES, 150)
    trapped.advance(SpinMoves(heat_bath=1, clusters=4), 150)
    assert (bond_sum(melted.spins, "triangular") == -36).mean() > 0.99
    for axis in (1, 2):
        one, two = ((s * np.roll(s, 1, axis)).mean((1, 2)) for s in (melted.spins, exact))
        # Nearly all have -1/3: a tenth of that for the rest.
        assert abs(one.mean() - two.mean()) < 4.8 * max(np.hypot(one.std(), two.std()), 0.03) / 20
    assert trapped.averages().order_parameter.mean() > melted.averages().order_parameter.mean() + 0.3


@LAW
def test_hot_and_cold_chains_reach_it(coupling, lattice):
    generator = np.random.default_rng(3)
    spins, hot = starts(SHAPE, lattice, 3000, aligned=coupling > 0, generator=generator)
    chains = SpinChains(spins, coupling, lattice, seed=4)
    chains.advance(SpinMoves(heat_bath=1, clusters=2), 80)
    for part in (hot, ~hot):
        assert max(map(abs, pulls(chains.spins[part], coupling, lattice))) < 4.8


def test_cold_starts_are_ground_states():
    for lattice, aligned, bonds in (
        ("square", False, -72),
        ("triangular", False, -36),
        ("triangular", True, 108),
    ):
        spins, hot = starts(SHAPE, lattice, 8, aligned=aligned, generator=np.random.default_rng(1))
        assert (bond_sum(spins[~hot], lattice) == bonds).all()


@pytest.mark.parametrize("lattice", ["square", "triangular"])
def test_sites_of_a_colour_are_no_neighbours(lattice):
    table, order = neighbours(SHAPE, lattice), update_order(SHAPE, lattice)
    for colour in np.split(order, table.shape[1] // 2):
        assert not np.isin(table[colour], colour).any()


def test_a_run_goes_on_bit_for_bit():
    spins, _ = starts((5, 7), "square", 8, aligned=True, generator=np.random.default_rng(4))
    one, two = (SpinChains(spins, 0.4, "square", seed=seed) for seed in (8, 9))
    one.advance(SpinMoves(1, 1, 2), 3)
    two.restore(one.state())
    for chains in (one, two):
        chains.advance(SpinMoves(1, 1, 2), 3)
    assert one.fields.tobytes() == two.fields.tobytes() and one.fields.dtype == np.int8
