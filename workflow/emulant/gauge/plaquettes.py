r"""Plaquettes of links, and links of plaquettes.

.. math:: \theta_p(t, s) = \theta_0(t, s) + \theta_1(t + 1, s) - \theta_0(t, s + 1) - \theta_1(t, s)

as in Q. Zhu et al., arXiv:2502.05504. The sum of all plaquettes vanishes: of wrapped ones it is 2 pi Q. V plaquettes, V - 1
gauge angles and two holonomies are uniform and independent under the Haar measure but for that constraint.
"""

from typing import Any

from emulant.gauge.arrays import library_of, wrapped

__all__ = ["SPACE", "TIME", "boundary_sums", "links_with_plaquettes", "plaquette_sums", "with_plaquettes"]

TIME, SPACE = -2, -1
"""Axes of plaquettes."""


def plaquette_sums(links: Any) -> Any:
    """Sum the links about each plaquette, (N, L_t, L_s), not wrapped.

    Arguments:
        links: (N, 2, L_t, L_s), arrays or tensors.
    """
    roll, time, space = library_of(links).roll, links[:, 0], links[:, 1]
    return time + roll(space, -1, TIME) - roll(time, -1, SPACE) - space


def boundary_sums(values: Any) -> Any:
    """Sum numbers of the two plaquettes beside each link, with the signs with which the link enters, (N, 2, L_t, L_s).

    It is the transpose of `plaquette_sums`.

    Arguments:
        values: of the plaquettes, (N, L_t, L_s).
    """
    library = library_of(values)
    time = values - library.roll(values, 1, SPACE)
    space = library.roll(values, 1, TIME) - values
    return library.stack([time, space], 1)


def links_with_plaquettes(plaquettes: Any) -> Any:
    """Return the links in maximal-tree gauge, without holonomies, that have these plaquettes modulo 2 pi.

    The tree is all links in time but those that close the torus, and one line of links in space.

    Arguments:
        plaquettes: (N, L_t, L_s), whose sum is a multiple of 2 pi.
    """
    library = library_of(plaquettes)
    columns = plaquettes.sum(TIME)
    space = library.cumsum(plaquettes, TIME) - plaquettes
    last = columns - library.cumsum(columns, SPACE)
    time = library.zeros_like(plaquettes)
    time[:, -1] = last
    return library.stack([time, space], 1)


def with_plaquettes(links: Any, plaquettes: Any) -> Any:
    """Move links to these plaquettes, (N, L_t, L_s) whose sum is a multiple of 2 pi; returns links in [-pi, pi).

    What changes is in maximal-tree gauge: gauge angles and holonomies stay as they are, so that the move commutes with
    gauge transformations.
    """
    return wrapped(links + links_with_plaquettes(plaquettes - plaquette_sums(links)))
