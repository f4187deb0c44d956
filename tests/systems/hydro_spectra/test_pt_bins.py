"""Bins of p_T between whose edges integrals are known."""

import numpy as np
import pytest

from emulant.systems.hydro_spectra.pt_bins import EDGES, bin_centres, bin_shares, bin_symbol
from emulant.systems.hydro_spectra.views import transverse_nodes


@pytest.mark.parametrize("pt_max", [3.0, 4.0])
def test_bins_hold_the_integral_between_their_edges(pt_max):
    """Of p exp(-p / T) dp: T^2 (1 + p / T) exp(-p / T) at both edges; 24 nodes know it to rounding."""
    pt, weights = transverse_nodes(24, pt_max)
    below = 0.3**2 * (1 + np.array(EDGES) / 0.3) * np.exp(-np.array(EDGES) / 0.3)
    binned = (pt * np.exp(-pt / 0.3) * weights) @ bin_shares(24, pt_max)
    np.testing.assert_allclose(binned, -np.diff(below), rtol=1e-7)


def test_bins_to_the_last_node_are_the_whole():
    pt, weights = transverse_nodes(9, 3.0)
    np.testing.assert_allclose(bin_shares(9, 3.0).sum(axis=1), 1)
    assert ((pt**3 * weights) @ bin_shares(9, 3.0))[1] == pytest.approx((0.6**4 - 0.3**4) / 4)


def test_a_bin_is_called_by_its_edges():
    assert bin_symbol("N", 1) == r"N(0.3-0.6\,\mathrm{GeV})"
    assert bin_centres()[-1] == 2.75
