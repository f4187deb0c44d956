"""Labels of clusters against SciPy's connected components, and the probabilities of bonds and signs."""

import numpy as np
import pytest
import torch
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from emulant.lattice.torch_cluster import cluster_signs, labels


@pytest.mark.parametrize("shape", [(12,), (9, 6), (2, 8), (3, 4, 5)])
@pytest.mark.parametrize("density", [0.0, 0.3, 0.6, 1.0])
def test_labels_are_connected_components(shape, density):
    generator, chains = torch.Generator().manual_seed(3), 5
    bonds = [torch.rand(*shape, chains, generator=generator) < density for _ in shape]
    labelled = labels(bonds).flatten(0, -2).numpy()
    number = np.arange(np.prod(shape)).reshape(shape)
    for chain in range(chains):
        joined = [bond[..., chain].numpy() for bond in bonds]
        ends = [
            np.concatenate([places[bond] for places, bond in zip(side, joined, strict=True)])
            for side in ([number] * len(shape), [np.roll(number, -1, axis) for axis in range(len(shape))])
        ]
        graph = coo_matrix((np.ones(len(ends[0])), ends), shape=(number.size, number.size))
        _, component = connected_components(graph, directed=False)
        smallest = np.array([np.flatnonzero(component == c)[0] for c in range(component.max() + 1)])
        np.testing.assert_array_equal(labelled[:, chain], smallest[component])


def test_two_sites_flip_together_as_often_as_their_bonds_are_set():
    """Sites (a, b) in a ring of two have two bonds; equal signs 1 - e^{-8 kappa a b} + e^{-8 kappa a b} / 2.

    The limit is 5 sigma, false alarm 6e-7.
    """
    kappa, chains = 0.3, 200_000
    phi = torch.tensor([0.7, 0.9])[:, None].repeat(1, chains)
    signs = cluster_signs(phi, kappa, torch.Generator().manual_seed(1))
    apart = np.exp(-8 * kappa * 0.7 * 0.9) / 2
    frequency = (signs[0] != signs[1]).double().mean().item()
    assert abs(frequency - apart) < 5 * np.sqrt(apart * (1 - apart) / chains)
    assert abs((signs[0] < 0).double().mean().item() - 0.5) < 5 * 0.5 / np.sqrt(chains)


def test_sites_of_opposite_sign_are_never_joined():
    phi = torch.tensor([1.0, -1.0])[:, None].repeat(1, 20_000)
    signs = cluster_signs(phi, 5.0, torch.Generator().manual_seed(2))
    assert abs((signs[0] != signs[1]).double().mean().item() - 0.5) < 5 * 0.5 / np.sqrt(20_000)
