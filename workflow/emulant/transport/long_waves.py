"""Empirical law of a lattice's long waves, and the mean of its short waves conditioned on them."""

import math

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure

__all__ = ["LongWaves", "Profile", "long_waves"]

# Smoothing of the empirical law in thermal widths of a mode: it widens a free mode's variance by 1 %.
SMOOTHING = 0.1
# Odd, as the action is even; each further power costs one more transform of the fields.
POWERS = (3, 5, 7)
# Relative to the mean power of a column, far above the rounding of sums in float64.
RIDGE = 1e-9


def long_waves(site_shape: tuple[int, ...], shortest: float) -> Tensor:
    """Mark the modes with a wavelength of `shortest` sites or more in every direction, in `rfftn` layout."""
    numbers = [torch.fft.fftfreq(size, 1 / size).abs() for size in site_shape[:-1]]
    numbers.append(torch.arange(site_shape[-1] // 2 + 1, dtype=torch.float32))
    long = [shortest * n <= size for n, size in zip(numbers, site_shape, strict=True)]
    return torch.stack(torch.meshgrid(*long, indexing="ij")).all(dim=0)


class LongWaves:
    r"""Joint empirical law of the modes with small wave numbers.

    A draw takes these modes from a random configuration, transforms them by a random symmetry of the lattice and the action
    (translation, reflection, exchange of equally long axes, change of sign), and adds Gaussian noise of a tenth of the
    mode's thermal width :math:`\langle|\partial_p S|^2\rangle^{-1/2}` where the action is known.

    Arguments:
        modes: orthonormal modes of N configurations, (N, K) complex, in the order of `mask.nonzero()`.
        mask: True for long waves, in `rfftn` layout.
        width: of the smoothing of each of them, (K,).
        site_shape: the lattice shape.
    """

    def __init__(self, modes: Tensor, mask: Tensor, width: Tensor, site_shape: tuple[int, ...]) -> None:
        self.modes, self.mask, self.width, self.site_shape = modes, mask, width, tuple(site_shape)
        self.dims = tuple(range(-len(self.site_shape), 0))

    @classmethod
    def of(
        cls, fields: Tensor, mask: Tensor, force_power: Tensor | None, *, chunk: int = 8192
    ) -> "LongWaves":
        """Collect the long waves of fields (N, *site_shape).

        Arguments:
            fields: configurations.
            mask: True for long waves, in `rfftn` layout.
            force_power: <|grad S_p|^2> in the layout of `mask`; None for no smoothing.
            chunk: fields transformed at a time.
        """
        dims = tuple(range(1, fields.ndim))
        parts = [torch.fft.rfftn(part, dim=dims, norm="ortho")[:, mask] for part in fields.split(chunk)]
        width = torch.zeros(int(mask.sum())) if force_power is None else SMOOTHING * force_power[mask].rsqrt()
        return cls(torch.cat(parts), mask, width.float(), tuple(fields.shape[1:]))

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor], site_shape: tuple[int, ...]) -> "LongWaves":
        """Build from `tensors`."""
        return cls(
            torch.view_as_complex(tensors["modes"].contiguous()),
            tensors["mask"],
            tensors["width"],
            site_shape,
        )

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors, for safetensors."""
        return {"modes": torch.view_as_real(self.modes), "mask": self.mask, "width": self.width}

    def to(self, device: torch.device | str) -> "LongWaves":
        """Copy to `device`."""
        tensors = (self.modes.to(device), self.mask.to(device), self.width.to(device))
        return LongWaves(*tensors, self.site_shape)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw fields (count, *site_shape) of long waves alone."""
        device = self.modes.device
        chosen = torch.randint(len(self.modes), (count,), generator=generator, device=device)
        spectrum = self.modes.new_zeros(count, *self.mask.shape)
        spectrum[:, self.mask] = self.modes[chosen]
        spectrum = spectrum * self._translations(count, generator)
        noise = torch.randn(count, *self.site_shape, generator=generator, device=device)
        smoothing = torch.zeros(self.mask.shape, device=device)
        smoothing[self.mask] = self.width
        spectrum = spectrum + torch.fft.rfftn(noise, dim=self.dims, norm="ortho") * smoothing
        fields = torch.fft.irfftn(spectrum, s=self.site_shape, dim=self.dims, norm="ortho")
        return self._reflected(fields, generator)

    def _translations(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw the phases of random translations, (count, *half shape)."""
        angle = torch.zeros(count, *self.mask.shape, device=self.modes.device)
        for axis, size in enumerate(self.site_shape):
            shift = torch.randint(size, (count,), generator=generator, device=angle.device)
            number = torch.arange(self.mask.shape[axis], device=angle.device)
            along = 2 * math.pi / size * (shift[:, None] * number)
            ones = [1] * len(self.site_shape)
            ones[axis] = -1
            angle = angle + along.reshape(count, *ones)
        return torch.polar(torch.ones_like(angle), angle)

    def _reflected(self, fields: Tensor, generator: torch.Generator) -> Tensor:
        """Apply random signs, reflections and exchanges of equally long axes to each configuration."""

        def coin() -> Tensor:
            toss = torch.rand(len(fields), generator=generator, device=fields.device) < 0.5
            return toss.reshape(-1, *[1] * (fields.ndim - 1))

        fields = torch.where(coin(), -fields, fields)
        for axis in range(1, fields.ndim):
            fields = torch.where(coin(), fields.flip(axis), fields)
            if axis > 1 and fields.shape[axis] == fields.shape[1]:
                fields = torch.where(coin(), fields.transpose(1, axis), fields)
        return fields


class Profile:
    r"""Mean of the short waves conditioned on the long ones.

    A regression on odd powers of the long-wave field l, :math:`m_p = \sum_n a_n(p) (l^n)_p`, n = 3, 5, 7. Domain walls are
    such a function. Fields minus their profile have the same long waves, and the map has unit Jacobian.

    Arguments:
        gains: a_n(p), zero for the long waves, (3, *half shape).
        mask: True for long waves, in `rfftn` layout.
        site_shape: the lattice shape.
    """

    def __init__(self, gains: Tensor, mask: Tensor, site_shape: tuple[int, ...]) -> None:
        self.gains, self.mask, self.site_shape = gains, mask, tuple(site_shape)
        self.dims = tuple(range(-len(self.site_shape), 0))

    @classmethod
    def fit(cls, fields: Tensor, mask: Tensor, *, chunk: int = 8192) -> "Profile":
        """Fit by least squares over fields (N, *site_shape), each mode separately."""
        site_shape = tuple(fields.shape[1:])
        profile = cls(torch.zeros(len(POWERS), *mask.shape, dtype=torch.float64), mask, site_shape)
        gram, along = 0.0, 0.0
        for part in fields.split(chunk):
            powers = profile._powers(part.double())
            modes = torch.fft.rfftn(part.double(), dim=profile.dims, norm="ortho")
            gram = gram + torch.einsum("in...,kn...->ik...", powers.conj(), powers).real
            along = along + torch.einsum("in...,n...->i...", powers.conj(), modes).real
        average = ModeMeasure(torch.ones(mask.shape), site_shape).symmetrised
        gram = torch.stack([torch.stack([average(entry) for entry in row]) for row in gram])
        along = torch.stack([average(entry) for entry in along])
        # Powers of long waves have no modes at the shortest wavelengths but rounding, which the ridge suppresses.
        ridge = RIDGE * torch.einsum("ii...->i...", gram).flatten(1).mean(1).diag()
        normal = gram.movedim((0, 1), (-2, -1)) + ridge
        gains = torch.linalg.solve(normal, along.movedim(0, -1)).movedim(-1, 0)
        profile.gains = torch.where(mask, 0.0, gains)
        return profile

    def to(self, device: torch.device | str) -> "Profile":
        """Copy to `device`."""
        return Profile(self.gains.to(device), self.mask.to(device), self.site_shape)

    def of(self, fields: Tensor) -> Tensor:
        """Compute the profile of the long waves of fields (N, *site_shape); it has no long waves."""
        modes = (self._powers(fields) * self.gains[:, None].to(fields.dtype)).sum(0)
        return torch.fft.irfftn(modes, s=self.site_shape, dim=self.dims, norm="ortho")

    def _powers(self, fields: Tensor) -> Tensor:
        """Compute modes of the odd powers of the long-wave field, (3, N, *half shape)."""
        modes = torch.fft.rfftn(fields, dim=self.dims, norm="ortho") * self.mask
        long = torch.fft.irfftn(modes, s=self.site_shape, dim=self.dims, norm="ortho")
        square = long * long
        third = long * square
        powers = torch.stack([third, third * square, third * square * square])
        return torch.fft.rfftn(powers, dim=self.dims, norm="ortho")
