r"""The Gaussian of complexified charged fields: its propagator by a self-energy, its width in the imaginary direction.

phi and chi = psi^* have charge 1 both and are one field at mu = 0. Free complex Langevin gives each mode
<phi chi^*> = 1/a_p with the inverse propagator a_p of the action; interacting, 1/(a_p + Sigma_p). As <L f> = 0 in
equilibrium for the generator L of complex Langevin and f = phi_p chi_p^*, Sigma_p is the ratio of
<2 lambda (rho phi)_p chi_p^*> and <phi_p chi_p^*>, rho = phi psi, whose errors mostly cancel: they are a tenth of those of
1/<phi chi^*> - a_p.

Sigma = s(mu) + g(mu) G, with G = 1/(a_p + s_0), depends on time's momentum and mu by p - i mu alone, apart from s and g: so
has every correlator below the threshold, which is why the density vanishes there (T. D. Cohen, Phys. Rev. Lett. 91 (2003)
222001).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.families.complexified_flow.modes import mirrored, momenta, to_modes, to_sites
from emulant.worldlines.action import BoseGas

__all__ = ["MeasuredPair", "PairCurve", "PairLaw", "charged_pair", "components", "free_inverse"]

CHUNK = 4096
"""Configurations that are transformed at a time: some tens of megabytes at 8 x 8."""

POWERS = 4
"""Of mu^2 in s, g and the logarithm of the width, where training sees as many chemical potentials: one fewer leaves the
density 3 % off at mu = 1.1."""


def charged_pair(fields: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Compute phi and chi = psi^* of fields with Re phi_1, Im phi_1, Re phi_2, Im phi_2 along an axis, as `BoseGas.pair`."""
    a, b, c, d = fields.unbind(axis)
    return torch.complex(a - d, b + c) / 2**0.5, torch.complex(a + d, c - b) / 2**0.5


def components(phi: Tensor, chi: Tensor, axis: int) -> Tensor:
    """Invert `charged_pair`."""
    parts = (phi.real + chi.real, phi.imag - chi.imag, phi.imag + chi.imag, chi.real - phi.real)
    return torch.stack(parts, axis) / 2**0.5


def free_inverse(gas: BoseGas) -> Tensor:
    """Compute a_p of the action without coupling, (*shape) complex128."""
    *space, time = momenta(gas.shape)
    hopping = 2 * torch.cosh(gas.mu + 1j * time)
    return gas.eta - hopping - sum((2 * torch.cos(p) for p in space), torch.zeros_like(time))


@dataclass(frozen=True)
class MeasuredPair:
    """What training fields say of the Gaussian at one chemical potential.

    Attributes:
        gas: the action.
        self_energy: Sigma_p, (*shape) complex128.
        width: half the mean square of phi_p - chi_p in the phase of <phi_p chi_p^*>, (*shape) float64.
    """

    gas: BoseGas
    self_energy: Tensor
    width: Tensor

    @classmethod
    def of(cls, gas: BoseGas, fields: Tensor) -> Self:
        """Measure fields (N, 4, *shape)."""
        dimension, count = gas.dimension, len(fields)
        products = torch.zeros(*gas.shape, 3, dtype=torch.complex128)
        for chunk in fields.split(CHUNK):
            phi, chi = charged_pair(chunk.double(), 1)
            density = 2 * gas.coupling * phi * chi.conj()
            parts = (phi, chi, density * phi, density.conj() * chi)
            p, c, force, conjugate = (to_modes(part, dimension) for part in parts)
            forces = (force * c.conj() + p * conjugate.conj()) / 2
            powers = (p.abs() ** 2 + c.abs() ** 2) / 2 + 0j
            products += torch.stack([forces.sum(0), (p * c.conj()).sum(0), powers.sum(0)], -1) / count
        force, product, power = mirrored(products, dimension).unbind(-1)
        return cls(gas, force / product, power.real - product.abs())


@dataclass(frozen=True)
class PairLaw:
    """The Gaussians at M chemical potentials.

    Attributes:
        product: <phi_p chi_p^*>, (M, *shape) complex128.
        width: <|phi_p|^2> less its modulus, (M, *shape) float64.
    """

    product: Tensor
    width: Tensor

    @property
    def dimension(self) -> int:
        """Number of directions."""
        return self.product.ndim - 1

    @property
    def half_phase(self) -> Tensor:
        """Half the phase of <phi chi^*>, (M, *shape): a filter that is real on sites."""
        return torch.exp(0.5j * self.product.angle())

    @property
    def scales(self) -> Tensor:
        """Standard deviations of (phi + chi)/sqrt 2 and (phi - chi)/sqrt 2 in that phase, (M, 2, *shape)."""
        return torch.stack([2 * self.product.abs() + self.width, self.width], 1).sqrt()

    def to(self, device: torch.device | str) -> Self:
        """The same on `device`."""
        return type(self)(self.product.to(device), self.width.to(device))

    def whitened(self, phi: Tensor, chi: Tensor) -> Tensor:
        """Transform fields (N, M, *shape) to modes of unit covariance, (N, M, 2, *shape)."""
        half = self.half_phase.to(phi.dtype)
        a, b = to_modes(phi, self.dimension) * half.conj(), to_modes(chi, self.dimension) * half
        return torch.stack([a + b, a - b], 2) / (2**0.5 * self.scales.to(phi.real.dtype))

    def fields(self, modes: Tensor) -> tuple[Tensor, Tensor]:
        """Transform modes of unit covariance (N, M, 2, *shape) to phi and chi, (N, M, *shape)."""
        half = self.half_phase.to(modes.dtype)
        a, b = (modes * (self.scales / 2**0.5).to(modes.real.dtype)).unbind(2)
        return to_sites((a + b) * half, self.dimension), to_sites((a - b) * half.conj(), self.dimension)


@dataclass(frozen=True)
class PairCurve:
    """The Gaussian at any chemical potential, from those at which it was measured.

    Attributes:
        constant: s_0.
        self_energy: coefficients of (1, G) times powers of mu^2, (2 powers,) float64.
        width: coefficients of powers of mu^2 in log(width / sinh^2 mu) of each mode, (powers, *shape).
    """

    constant: float
    self_energy: Tensor
    width: Tensor

    @classmethod
    def fitted(cls, measured: Sequence[MeasuredPair]) -> Self:
        """Fit by least squares, errors of the self-energy in proportion to the inverse propagator."""
        powers = min(POWERS, len(measured))
        constant = float(measured[0].self_energy.real.mean())
        rows, values = [], []
        for one in measured:
            weight = 1 / (free_inverse(one.gas) + one.self_energy).abs().flatten()
            columns = _columns(one.gas, constant, powers).flatten(1) * weight
            wanted = one.self_energy.flatten() * weight
            rows += [columns.real.T, columns.imag.T]
            values += [wanted.real, wanted.imag]
        energy = torch.linalg.lstsq(torch.cat(rows), torch.cat(values)[:, None]).solution[:, 0]
        squares = torch.stack([_powers(one.gas.mu, powers) for one in measured])
        logarithms = torch.stack([(one.width / _separation(one.gas)).log().flatten() for one in measured])
        width = torch.linalg.lstsq(squares, logarithms).solution
        return cls(constant, energy, width.unflatten(1, measured[0].gas.shape))

    def at(self, gases: Sequence[BoseGas]) -> PairLaw:
        """The Gaussians at the chemical potentials of gases."""
        product, width = zip(*map(self._one, gases), strict=True)
        return PairLaw(torch.stack(product), torch.stack(width))

    def _one(self, gas: BoseGas) -> tuple[Tensor, Tensor]:
        powers = len(self.width)
        energy = torch.einsum(
            "j,j...->...", self.self_energy.to(torch.complex128), _columns(gas, self.constant, powers)
        )
        width = torch.einsum("j,j...->...", _powers(gas.mu, powers), self.width).exp() * _separation(gas)
        return 1 / (free_inverse(gas) + energy), width


def _columns(gas: BoseGas, constant: float, powers: int) -> Tensor:
    """Compute (1, G) times powers of mu^2, (2 powers, *shape)."""
    propagator = 1 / (free_inverse(gas) + constant)
    shapes = torch.stack([torch.ones_like(propagator), propagator])
    return torch.einsum("s...,k->sk...", shapes, _powers(gas.mu, powers).to(shapes.dtype)).flatten(0, 1)


def _powers(mu: float, count: int) -> Tensor:
    return torch.tensor([mu ** (2 * k) for k in range(count)], dtype=torch.float64)


def _separation(gas: BoseGas) -> float:
    """Return sinh^2 mu, in proportion to which the imaginary part of the drift squared grows from mu = 0."""
    return math.sinh(gas.mu) ** 2
