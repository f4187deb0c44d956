r"""Networks of the published point-cloud diffusion, with the defaults of S. Luo and W. Hu (CVPR 2021, arXiv:2103.01458).

A PointNet encoder maps a cloud to a latent vector, a flow of affine couplings models the distribution of the latent, and a
network of one point and the latent predicts the noise in the point.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

__all__ = ["CloudNetwork", "CouplingFlow", "PointNet", "PointwiseNet"]


class BatchNorm(nn.BatchNorm1d):
    """Batch normalisation without running averages, because the encoder is used in training only."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, track_running_stats=False)


class PointNet(nn.Module):
    """Mean and log variance of the latent of a cloud: a network on each point, then the maximum over the points.

    Arguments:
        inputs: features of a point.
        latent: dimension of the latent.
        widths: widths of the layers before the maximum.
        heads: widths of the layers after it.
    """

    def __init__(
        self,
        inputs: int,
        latent: int,
        widths: tuple[int, ...] = (128, 128, 256, 512),
        heads: tuple[int, ...] = (256, 128),
    ) -> None:
        super().__init__()
        sizes = (inputs, *widths)
        layers: list[nn.Module] = []
        for a, b in zip(sizes[:-1], sizes[1:], strict=True):
            layers += [nn.Conv1d(a, b, 1), BatchNorm(b), nn.ReLU()]
        self.points = nn.Sequential(*layers[:-1])
        self.mean, self.log_variance = (_head(widths[-1], heads, latent) for _ in range(2))

    def forward(self, cloud: Tensor) -> tuple[Tensor, Tensor]:
        """Map clouds (N, slots, inputs) to mean and log variance, each (N, latent)."""
        largest = self.points(cloud.transpose(1, 2)).amax(dim=2)
        return self.mean(largest), self.log_variance(largest)


def _head(inputs: int, widths: tuple[int, ...], outputs: int) -> nn.Sequential:
    sizes = (inputs, *widths)
    layers: list[nn.Module] = []
    for a, b in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(a, b), BatchNorm(b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], outputs))


class CouplingFlow(nn.Module):
    """Normalizing flow of the latent by affine couplings (L. Dinh et al., arXiv:1605.08803).

    The layers alternately scale and shift one half by a function of the other; scales are sigmoid(s + 2).

    Arguments:
        latent: dimension of the latent, even.
        layers: number of couplings.
        hidden: width of the two hidden layers of each coupling.
    """

    def __init__(self, latent: int, layers: int = 14, hidden: int = 256) -> None:
        super().__init__()
        if latent % 2:
            raise ValueError(f"a latent of {latent} numbers has no halves")
        half = latent // 2
        self.couplings = nn.ModuleList(
            nn.Sequential(
                nn.Linear(half, hidden),
                nn.ReLU(),
                nn.Linear(hidden, hidden),
                nn.ReLU(),
                nn.Linear(hidden, latent),
            )
            for _ in range(layers)
        )

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents z (N, latent) to standard normal variables w and log |det dw/dz|, (N,)."""
        log_det = z.new_zeros(len(z))
        first, second = z.chunk(2, dim=1)
        for coupling in self.couplings:
            scale, shift = self._affine(coupling, first)
            first, second = second * scale + shift, first
            log_det = log_det + scale.log().sum(dim=1)
        return torch.cat([first, second], dim=1), log_det

    def inverse(self, w: Tensor) -> Tensor:
        """Map standard normal variables (N, latent) to latents."""
        first, second = w.chunk(2, dim=1)
        for coupling in reversed(self.couplings):
            scale, shift = self._affine(coupling, second)
            first, second = second, (first - shift) / scale
        return torch.cat([first, second], dim=1)

    @staticmethod
    def _affine(coupling: nn.Module, half: Tensor) -> tuple[Tensor, Tensor]:
        scale, shift = coupling(half).chunk(2, dim=1)
        return torch.sigmoid(scale + 2), shift


class PointwiseNet(nn.Module):
    """Noise in each point, independently of the others, given the context of the cloud.

    Arguments:
        inputs: features of a point.
        context: features of the cloud.
        widths: widths of the hidden layers.
    """

    def __init__(
        self, inputs: int, context: int, widths: tuple[int, ...] = (128, 256, 512, 256, 128)
    ) -> None:
        super().__init__()
        sizes = (inputs, *widths, inputs)
        self.layers = nn.ModuleList(
            _ConcatSquash(a, b, context) for a, b in zip(sizes[:-1], sizes[1:], strict=True)
        )

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """Map points (N, slots, inputs) and context (N, context) to noise (N, slots, inputs)."""
        h = x
        for index, layer in enumerate(self.layers):
            h = layer(h if index == 0 else leaky_relu(h), context.unsqueeze(1))
        return x + h


class _ConcatSquash(nn.Module):
    """Layer Linear(x) sigmoid(gate(c)) + bias(c)."""

    def __init__(self, inputs: int, outputs: int, context: int) -> None:
        super().__init__()
        self.linear, self.gate = nn.Linear(inputs, outputs), nn.Linear(context, outputs)
        self.bias = nn.Linear(context, outputs, bias=False)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        return self.linear(x) * torch.sigmoid(self.gate(context)) + self.bias(context)


class CloudNetwork(nn.Module):
    """Encoder, flow and decoder; the impact parameter is appended to the latent.

    Arguments:
        inputs: features of a point.
        latent: dimension of the latent.
        layers, hidden: couplings of the flow, and their width.
        encoder, heads, decoder: widths of the layers.
    """

    def __init__(
        self,
        inputs: int,
        latent: int = 256,
        layers: int = 14,
        hidden: int = 256,
        encoder: tuple[int, ...] = (128, 128, 256, 512),
        heads: tuple[int, ...] = (256, 128),
        decoder: tuple[int, ...] = (128, 256, 512, 256, 128),
    ) -> None:
        super().__init__()
        self.latent = latent
        self.encoder = PointNet(inputs, latent, tuple(encoder), tuple(heads))
        self.flow = CouplingFlow(latent, layers, hidden)
        self.decoder = PointwiseNet(inputs, latent + 4, tuple(decoder))

    def noise(self, x: Tensor, z: Tensor, impact: Tensor, beta: Tensor) -> Tensor:
        """Predict the noise in points x (N, slots, inputs), given latents (N, latent), scaled b and beta_t, each (N,)."""
        condition = torch.stack([impact, beta, beta.sin(), beta.cos()], dim=1)
        return self.decoder(x, torch.cat([z, condition], dim=1))

    def forward(
        self, cloud: Tensor, x: Tensor, impact: Tensor, beta: Tensor, draw: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Predict the noise in x (N, slots, inputs), and the latent's cost -H[q(z | cloud)] - log p(z), (N,).

        Arguments:
            cloud: cloud without noise, (N, slots, inputs).
            x: noisy cloud.
            impact, beta: as in `noise`.
            draw: standard normal variables for the latent, (N, latent).
        """
        mean, log_variance = self.encoder(cloud)
        z = mean + draw * (0.5 * log_variance).exp()
        w, log_det = self.flow(z)
        constant = 0.5 * self.latent * math.log(2 * math.pi)
        entropy = 0.5 * log_variance.sum(dim=1) + 0.5 * self.latent + constant
        log_prior = -0.5 * w.square().sum(dim=1) - constant + log_det
        return self.noise(x, z, impact, beta), -entropy - log_prior
