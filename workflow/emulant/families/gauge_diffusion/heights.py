r"""The score of noisy plaquettes from their dual heights, by belief propagation.

The law of links with noise s is a sum over integer heights n_p of plaquettes, exactly, on the torus too,

.. math:: p_s(P) = \sum_n \prod_p \frac{I_{n_p}}{I_0}(\beta)\, e^{i n_p P_p}
          \prod_{\langle p p' \rangle} e^{-s^2 (n_p - n_{p'})^2 / 2}

with a bond for each link, so that h_p = i <n_p>. Noise that is large makes bonds stiff and heights small, and sums along
bonds that close no loop are done exactly by messages from neighbour to neighbour. All are of the kind c(-n) = c(n)*, so that
n = 0, 1, ... is enough:

.. math:: m(n) = \sum_{n'} e^{-s^2 (n - n')^2 / 2} c(n')
          = e^{-s^2 n^2 / 2} c(0) + \sum_{n' > 0} [e_+(n, n')\, \mathrm{Re}\, c(n') + i e_-(n, n')\, \mathrm{Im}\, c(n')]

with e_+-(n, n') = exp(-s^2 (n - n')^2 / 2) +- exp(-s^2 (n + n')^2 / 2).
"""

import torch
from torch import Tensor

from emulant.families.gauge_diffusion.coupling import Wilson

__all__ = ["dual_head"]

HIGHEST = 5
"""Largest height: at s = 0.4 and beta = 7 messages of three run away, and those of five do not."""
ROUNDS = 8
"""Of messages, which must reach as far as heights are correlated, about s sqrt(beta) plaquettes. At beta = 7 and s = 0.6
eight lower the loss by 5 % beside four, and raw <Q^2> of 8 x 8 from 2.2 of the exact to 1.4; sixteen lower the loss by 0.5 %
more."""
NEIGHBOURS = ((1, -2), (-1, -2), (1, -1), (-1, -1))
"""Shift and axis that bring the values of each neighbour to a plaquette; those of one axis beside each other."""


def dual_head(plaquettes: Tensor, noise: Tensor, wilson: Wilson) -> Tensor:
    """Compute h, (N, L_t, L_s) float32.

    Arguments:
        plaquettes: (N, L_t, L_s) float64.
        noise: of a link, (N,) float64.
        wilson: the couplings.
    """
    # In single precision, in half of the time: h is right to 1e-5.
    plaquettes, noise = plaquettes.float(), noise.float()
    height = torch.arange(HIGHEST + 1).to(plaquettes)
    weight = _weights(plaquettes, wilson)
    bonds = _bonds(noise, height)
    # From neighbours of height 0, which the first column of e_+ is.
    messages = [bonds[0][..., :1, None].expand_as(weight.real).to(weight.dtype) for _ in NEIGHBOURS]
    for _ in range(ROUNDS):
        messages = _passed(weight, messages, bonds)
    belief = weight * (messages[0] * messages[1]) * (messages[2] * messages[3])
    total = belief[:, 0].real + 2 * belief[:, 1:].real.sum(1)
    return -2 * torch.einsum("nh...,h->n...", belief.imag, height) / total


def _bonds(noise: Tensor, height: Tensor) -> tuple[Tensor, Tensor]:
    """Matrices e_+ and e_-, (N, heights, heights) each; the first counts height 0 once."""
    stiffness = -0.5 * noise[:, None, None] ** 2
    apart, opposite = ((height[:, None] - sign * height) ** 2 for sign in (1, -1))
    near, far = (stiffness * apart).exp(), (stiffness * opposite).exp()
    far[..., 0] = 0
    return near + far, near - far


def _weights(plaquettes: Tensor, wilson: Wilson) -> Tensor:
    """Weight of each height by itself, (N, heights, L_t, L_s) complex."""
    size = torch.ones(len(plaquettes), HIGHEST + 1).to(plaquettes)
    size[:, 1:] = wilson.ratios[:, :HIGHEST]
    phase = torch.polar(torch.ones_like(plaquettes), plaquettes)
    powers = [torch.ones_like(phase)]
    for _ in range(HIGHEST):
        powers.append(powers[-1] * phase)
    return size[..., None, None] * torch.stack(powers, 1)


def _passed(weight: Tensor, messages: list[Tensor], bonds: tuple[Tensor, Tensor]) -> list[Tensor]:
    """Pass messages once: to each plaquette from each neighbour, without what it had told that neighbour."""
    across = [weight * (messages[2] * messages[3]), weight * (messages[0] * messages[1])]
    return [
        _through(across[number // 2] * message, bonds).roll(shift, axis)
        for number, (message, (shift, axis)) in enumerate(zip(messages, NEIGHBOURS, strict=True))
    ]


def _through(values: Tensor, bonds: tuple[Tensor, Tensor]) -> Tensor:
    """Sum over the heights at the other end of a bond; the message of height 0 is 1."""
    # Copies, as products of matrices that are not contiguous go one by one.
    even, odd = values.real.contiguous().flatten(2), values.imag.contiguous().flatten(2)
    even, odd = bonds[0] @ even, bonds[1] @ odd
    norm = 1 / even[:, :1]
    return torch.complex(even * norm, odd * norm).reshape(values.shape)
