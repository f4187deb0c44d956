"""Links whose plaquettes come from a binary tree of conditional sums: the law itself, but for what tables lack."""

import math

from emulant.families._plaquette_flow import PlaquetteFlow
from emulant.families.plaquette_tree.tree import Tree

__all__ = ["Model"]


class Model(PlaquetteFlow):
    """Links with these plaquettes."""

    def map_of(self, coupling: float) -> Tree:
        """Make the tree of a coupling."""
        return Tree(coupling, math.prod(self.site_shape[1:]))
