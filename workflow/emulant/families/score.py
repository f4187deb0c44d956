"""The score of a distribution in the plane as a vector field, whose curl nothing forbids."""

import torch
from torch import Tensor

from emulant.families._planar import PlanarModel
from emulant.families._planar_studies import planar_studies

__all__ = ["Model", "studies"]

studies = planar_studies


class Model(PlanarModel):
    """n(v, s) is what an odd perceptron returns, less A(s) v."""

    def correction(self, v: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """n(v, s), (N, 2)."""
        v = self.inside(v)
        output = self.network(v[..., None], self.position(noise))
        return output - torch.einsum("nij,nj->ni", self.linear_at(noise).to(v.dtype), v)

    def fitted(self, second: Tensor, product: Tensor) -> Tensor:
        """A = <error v^T> <v v^T>^{-1}."""
        return torch.linalg.solve(second, product, left=False)
