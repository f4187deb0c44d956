"""Continuous autoregressive networks of angles as published: L. Wang, Y. Jiang, L. He, K. Zhou, CPL 39 (2022) 120502.

x = theta / 2 pi in [0, 1) has at each site a mixture of Beta laws with equal weights whose parameters a PixelCNN tells by
Softplus: 3 laws, 3 layers of 32 channels, kernels of 3 x 3, zeros beyond the edges, the first site uniform; trained as
`van_baseline` (Anguswlx/CAN2XY). Laws have a seam at theta = 0, no turn of all angles is a symmetry, and three layers of
such kernels see 3 sites away, neither the torus nor most of the boundary. Not reproduced: the growth of beta in training,
a learning rate that falls on a plateau, vortices whose differences are wrapped by pi.
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from emulant.contracts.system import HasRotors
from emulant.families._free_energy import study_free_energy
from emulant.families._from_gaussian import seed_from
from emulant.families._pixel_cnn import PixelModel
from emulant.families._weights import study_exact_weights
from emulant.gauge.arrays import wrapped
from emulant.networks.pixel_cnn import Drawing

__all__ = ["Model", "studies"]

studies = {"weights": study_exact_weights, "free_energy": study_free_energy}
EDGE = 1e-6
"""Of x from 0 and 1, where a Beta density may be infinite."""
LEAST = 1e-3
"""Added to the parameters: Softplus comes arbitrarily near 0."""


class Model(PixelModel):
    """Angles with their log q with respect to d theta / 2 pi."""

    contract = HasRotors

    def outputs(self) -> int:
        """Both parameters of each law."""
        return 2 * self.settings["components"]

    @torch.no_grad()
    def drawn(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw angles."""
        height, width = self.site_shape
        chosen = torch.randint(
            self.settings["components"],
            (count, height * width),
            generator=generator,
            device=generator.device,
        )
        x = torch.empty(count, height, width, dtype=torch.float64, device=generator.device)
        drawing = Drawing(self.network, count, self.site_shape)
        numbers = np.random.default_rng(seed_from(generator))
        for site in range(height * width):
            i, j = divmod(site, width)
            laws = self._laws(drawing.outputs(i, j), first=site == 0)
            a, b = (part.gather(1, chosen[:, site, None])[:, 0].cpu().numpy() for part in laws)
            x[:, i, j] = torch.from_numpy(numbers.beta(a, b).clip(EDGE, 1 - EDGE)).to(x)
            drawing.put(i, j, x[:, i, j, None].to(drawing.kernels[0]))
        return wrapped(2 * math.pi * x)

    def density(self, fields: Tensor) -> Tensor:
        """Compute log q."""
        x = (fields.double() / (2 * math.pi)) % 1.0
        x = x.clamp(EDGE, 1 - EDGE)
        numbers = self.network(x[:, None].to(self.network.layers[0].weight)).permute(0, 2, 3, 1)
        a, b = self._laws(numbers.double(), first=False)
        first = torch.zeros(self.site_shape, dtype=torch.bool, device=x.device)
        first[0, 0] = True
        a, b = (torch.where(first[..., None], 1.0, part) for part in (a, b))
        normalisation = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)
        terms = (a - 1) * x.log()[..., None] + (b - 1) * torch.log1p(-x)[..., None] - normalisation
        return (torch.logsumexp(terms, -1) - math.log(self.settings["components"])).sum((1, 2))

    def _laws(self, numbers: Tensor, *, first: bool) -> tuple[Tensor, Tensor]:
        """The parameters of the laws; both 1 at the first site, which is uniform."""
        a, b = (F.softplus(part) + LEAST for part in numbers.chunk(2, -1))
        return (torch.ones_like(a), torch.ones_like(b)) if first else (a, b)
