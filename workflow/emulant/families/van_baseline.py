"""Variational autoregressive networks of spins as published: D. Wu, L. Wang, P. Zhang, PRL 122 (2019) 080602.

A PixelCNN of 3 layers of 64 channels with kernels of 13 x 13, zeros beyond the edges, q = [q(s) + q(-s)]/2, trained by
REINFORCE with the mean as its baseline from batches of 1000 for 10^4 steps of Adam at 1e-3 with gradients clipped to 1
(wdphy16/stat-mech-van). Not reproduced: beta grows there as 1 - 0.998^step in the first part of the training; the loop of
all families has Adam (0.9, 0.99), a warm-up and a cosine. On a CPU experiments take smaller networks and say so.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from emulant.contracts.system import HasBonds
from emulant.families._free_energy import study_free_energy
from emulant.families._pixel_cnn import PixelModel
from emulant.families._weights import study_exact_weights
from emulant.networks.pixel_cnn import Drawing

__all__ = ["Model", "studies"]

studies = {"weights": study_exact_weights, "free_energy": study_free_energy}


class Model(PixelModel):
    """Spins with their log q."""

    contract = HasBonds

    def outputs(self) -> int:
        """Ln p(+1)/p(-1)."""
        return 1

    @torch.no_grad()
    def drawn(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw spins, then the sign of all."""
        height, width = self.site_shape
        numbers = torch.rand(count, height * width + 1, generator=generator, device=generator.device)
        spins = torch.empty(count, height, width, dtype=torch.int8, device=generator.device)
        drawing = Drawing(self.network, count, self.site_shape)
        for site in range(height * width):
            y, x = divmod(site, width)
            up = numbers[:, site] < torch.sigmoid(drawing.outputs(y, x)[:, 0])
            spins[:, y, x] = torch.where(up, 1, -1).to(torch.int8)
            drawing.put(y, x, spins[:, y, x, None].to(numbers))
        return spins * torch.where(numbers[:, -1, None, None] < 0.5, 1, -1).to(torch.int8)

    def density(self, fields: Tensor) -> Tensor:
        """Compute log q, the mean of both signs."""
        spins = fields.to(self.network.layers[0].weight)
        both = torch.cat([spins, -spins])
        logits = self.network(both[:, None])[:, 0].double()
        log_q = F.logsigmoid(logits * both).sum((1, 2)).reshape(2, -1)
        return torch.logsumexp(log_q, 0) - torch.log(torch.tensor(2.0, dtype=torch.float64))
