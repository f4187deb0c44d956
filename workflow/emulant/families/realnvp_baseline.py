"""The first flow of a lattice field, as published: M. Albergo, G. Kanwar, P. Shanahan, arXiv:1904.12072.

White noise of unit variance at every site goes through affine couplings of the two colours of a checkerboard, whose log
scales and shifts are fully connected networks of the whole lattice; the divergence KL(q || p) is minimised by Adam. It
knows neither the sign nor a symmetry of the lattice.

The text was readable in its opening alone. From memory of it: 8 to 12 couplings, networks fully connected. Not known, and
chosen here: the widths of the networks, their leaky ReLUs, a tanh that bounds the log scale, torch's first weights; batch,
rate and number of steps, which stand in `config/models/realnvp_baseline.yaml`.
"""

from collections.abc import Mapping
from typing import Any

from emulant.contracts.system import HasAction, System
from emulant.families._normalizing_flow import NormalizingFlow
from emulant.families._weights import study_exact_weights
from emulant.networks.couplings.chain import Chain
from emulant.networks.couplings.checkerboard import AffineCoupling
from emulant.networks.couplings.conditioners import DenseConditioner
from emulant.transport.gaussian_start import GaussianStart, white_start

__all__ = ["Model", "studies"]

studies = {"weights": study_exact_weights}


class Model(NormalizingFlow):
    """Samples of the flow with their log q."""

    contracts = (HasAction,)

    @classmethod
    def beginning(cls, settings: Mapping[str, Any], system: System) -> GaussianStart:
        """White noise, whatever the system."""
        return white_start(system.site_shape)

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
