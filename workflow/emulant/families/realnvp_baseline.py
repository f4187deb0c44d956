"""The first flow of a lattice field, as published: M. Albergo, G. Kanwar, P. Shanahan, arXiv:1904.12072.

White noise of unit variance at every site goes through affine couplings of the two colours of a checkerboard, whose log
scales and shifts are fully connected networks of the whole lattice; the divergence KL(q || p) is minimised by Adam. It
knows neither the sign nor a symmetry of the lattice.

The text was readable in its opening alone. From memory of it: 8 to 12 couplings, networks fully connected. Not known, and
chosen here: the widths of the networks, their leaky ReLUs, a tanh that bounds the log scale, torch's first weights; batch,
rate and number of steps, which stand in `config/models/realnvp_baseline.yaml`.
"""

from typing import Any, Self

import torch

from emulant.contracts.system import System
from emulant.families._normalizing_flow import NormalizingFlow, check_colours
from emulant.families._weights import study_exact_weights
from emulant.networks.couplings.chain import Chain
from emulant.networks.couplings.checkerboard import AffineCoupling
from emulant.networks.couplings.conditioners import DenseConditioner
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["Model", "studies"]

studies = {"weights": study_exact_weights}


class Model(NormalizingFlow):
    """Samples of the flow with their log q."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model, which begins with white noise whatever the system.

        Raises:
            InputError: for a lattice that is no checkerboard.
        """
        check_colours(settings, system)
        return cls(settings, GaussianStart(torch.ones(system.site_shape, dtype=torch.float64)), system)

    def chain(self) -> Chain:
        """Build the couplings."""
        shape, settings = self.site_shape, self.settings
        couplings = range(settings["couplings"])
        return Chain(
            [
                AffineCoupling(shape, number % 2, DenseConditioner(shape, settings["widths"]))
                for number in couplings
            ]
        )
