"""The score of a distribution in the plane as a vector field, whose curl nothing forbids."""

from torch import Tensor

from emulant.models._planar import PlanarModel

__all__ = ["Model"]


class Model(PlanarModel):
    """n(v, s) is what an odd perceptron returns."""

    def correction(self, v: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """n(v, s), (N, 2)."""
        return self.network(v[..., None], self.position(noise))
