"""Diffusion and flow matching on fields: a mode measure plus an odd network, on any of the paths."""

import math
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from emulant.errors import InputError
from emulant.networks.lattice import OddLatticeNetwork
from emulant.networks.pointwise import OddPerceptron
from emulant.transport.measures import ModeMeasure
from emulant.transport.order_parameter import SymmetricMixture
from emulant.transport.paths import path_from
from emulant.transport.solvers import euler_maruyama, latent_flow, latent_grid, predictor_corrector

__all__ = ["Model"]

ZERO_TABLE = 160


class Model(nn.Module):
    """D(x, s) = D_base(x, s) + c_out(s) F(x, s): base from the measured modes, F an odd network (see measures).

    Arguments:
        settings: the model block of the config: path, network, generation, ...
        measure: the analytic starting point.
    """

    noises_per_field = 2

    def __init__(self, settings: dict[str, Any], measure: ModeMeasure) -> None:
        super().__init__()
        self.settings, self.measure = settings, measure
        self.path = path_from(settings["path"])
        self.site_shape = measure.site_shape
        self.network = _network(settings["network"], self.site_shape)
        self.finest = float(measure.power.min().sqrt())
        self.noise_min = 0.1 * self.finest
        self.noise_max = settings.get("noise_span", 20.0) * self._hidden_scale()
        low, high = math.log(0.1 * self.noise_min), math.log(1.01 * self.noise_max)
        self._log_noise = torch.linspace(low, high, ZERO_TABLE, dtype=torch.float64)
        zero = measure.zero_mode
        table = [zero.posterior_deviation(math.exp(u)) if zero else 0.0 for u in self._log_noise]
        self._zero_table = torch.tensor(table, dtype=torch.float64)

    def _hidden_scale(self) -> float:
        """The scale that the noise must hide: the largest mode, or the largest but a mixture's zero mode."""
        power = self.measure.power.flatten()
        if self.measure.zero_mode is None or len(power) == 1:
            return float(power.max().sqrt())
        return max(float(power[1:].max().sqrt()), 0.1 * float(power[0].sqrt()))

    @classmethod
    def build(cls, settings: dict[str, Any], fields: Tensor) -> "Model":
        """Fit the measure to training fields (N, *shape); the network starts at zero output."""
        components = settings.get("zero_mode_components", 32) if fields[0].numel() > 1 else 0
        return cls(settings, ModeMeasure.fit(fields, zero_mode_components=components))

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> "Model":
        """From model.json's record and the safetensors file."""
        tensors = load_file(weights)
        zero = None
        if "measure.centres" in tensors:
            zero = SymmetricMixture(tensors.pop("measure.centres"), float(tensors.pop("measure.width")))
        measure = ModeMeasure(tensors.pop("measure.power"), tuple(record["site_shape"]), zero)
        model = cls(record["settings"], measure)
        missing = set(model.network.state_dict()) ^ set(tensors)
        if missing:
            raise InputError(
                weights, sorted(missing)[0], "the tensors of the network that model.json describes"
            )
        model.network.load_state_dict(tensors)
        return model.eval()

    def tensors(self, network_state: dict[str, Tensor] | None = None) -> dict[str, Tensor]:
        """Everything that `load` needs, for safetensors."""
        out = {
            k: v.detach().cpu().contiguous() for k, v in (network_state or self.network.state_dict()).items()
        }
        out["measure.power"] = self.measure.power.cpu().contiguous()
        if self.measure.zero_mode is not None:
            out["measure.centres"] = self.measure.zero_mode.centres.cpu()
            out["measure.width"] = torch.tensor(self.measure.zero_mode.width, dtype=torch.float64)
        return out

    def place(self, device: torch.device | str) -> "Model":
        """Move network, measure and tables to `device`."""
        self.measure = self.measure.to(device)
        self._log_noise, self._zero_table = self._log_noise.to(device), self._zero_table.to(device)
        return self.to(device)

    def zero_deviation(self, noise: Tensor) -> Tensor:
        """c_out of the zero mode at noise (N,), interpolated in log noise."""
        place = (noise.double().clamp_min(1e-300).log() - self._log_noise[0]) / (
            self._log_noise[1] - self._log_noise[0]
        )
        place = place.clamp(0, ZERO_TABLE - 1.001)
        index = place.long()
        left, right = self._zero_table[index], self._zero_table[index + 1]
        return left + (right - left) * (place - index)

    def residual(self, x: Tensor, noise: Tensor, base: Tensor | None = None) -> Tensor:
        """F(x, s): x = x_0 + s z of shape (N, *site_shape), noise s of shape (N,)."""
        base = self.measure.denoise(x, noise) if base is None else base
        power, s = self.measure.power_like(noise)
        whitened = self.measure.filtered(x, (power + s**2).rsqrt())
        scale = (power**2 / (power + s**2)).flatten(1).mean(1).rsqrt().to(x.dtype)
        inputs = torch.stack([whitened, base * _against(scale, base)], dim=1)
        span = math.log(self.noise_max / self.noise_min)
        position = 12 * (noise / self.noise_min).log() / span - 6
        # F vanishes like s at small noise: the posterior is then as narrow as the noise, and Gaussian.
        onset = noise / (noise**2 + self.finest**2).sqrt()
        return self.network(inputs, position.to(x.dtype)) * _against(onset.to(x.dtype), x)

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Whitened denoising loss |F - (x_0 - D_base)/c_out|^2 per site, on antithetic pairs (z, -z).

        Noise levels are stratified: half uniform in the solver variable, half in the time of the path.
        """
        half = len(x0)
        noise = self._noise_levels(half, generator, x0.device)
        z = torch.randn(x0.shape, generator=generator, device=x0.device, dtype=x0.dtype)
        noise, x0, z = torch.cat([noise, noise]), torch.cat([x0, x0]), torch.cat([z, -z])
        x = x0 + _against(noise.to(x0.dtype), x0) * z
        base = self.measure.denoise(x, noise)
        gain = self.measure.output_gain(noise, self.zero_deviation(noise))
        target = self.measure.filtered(x0 - base, 1 / gain)
        return (self.residual(x, noise, base) - target).square().mean()

    def _noise_levels(self, count: int, generator: torch.Generator, device: torch.device) -> Tensor:
        offset = torch.rand((), generator=generator, device=device, dtype=torch.float64)
        place = (torch.arange(count, device=device) + offset) / count
        place = place[torch.randperm(count, generator=generator, device=device)]
        low, high = (self.measure.solver_variable(s) for s in (self.noise_min, self.noise_max))
        by_solver = self.measure.softening * torch.expm1(low + (high - low) * place)
        unit = self.field_unit()
        early, late = (float(self.path.time_of_ratio(s / unit)) for s in (self.noise_min, self.noise_max))
        by_time = unit * self.path.ratio(early + (late - early) * place)
        return torch.where(torch.arange(count, device=device) % 4 == 0, by_time, by_solver)

    def field_unit(self) -> float:
        """The unit in which the path measures fields: their root mean square, so that VP preserves variance."""
        shape = self.site_shape
        weights = torch.full(
            (shape[-1] // 2 + 1,), 2.0, dtype=torch.float64, device=self.measure.power.device
        )
        weights[0] = 1.0
        if shape[-1] % 2 == 0:
            weights[-1] = 1.0
        return float(((self.measure.power * weights).sum() / math.prod(shape)).sqrt())

    def score(self, x: Tensor, t: float) -> Tensor:
        """Gradient of log p_t at x on the path, in the path's own units of the field (field/field_unit)."""
        signal, unit = float(self.path.signal(t)), self.field_unit()
        noise = torch.full((len(x),), float(self.path.ratio(t)) * unit, device=x.device)
        denoised = self.denoise(x / signal * unit, noise) / unit
        return self.path.score_from_denoiser(denoised, x, t)

    def denoise(self, x: Tensor, noise: Tensor) -> Tensor:
        """D(x, s) = E[x_0 | x_0 + s z = x], shapes (N, *site_shape), (N,)."""
        base = self.measure.denoise(x, noise)
        gain = self.measure.output_gain(noise, self.zero_deviation(noise))
        return base + self.measure.filtered(self.residual(x, noise, base), gain)

    def grid(self, steps: int) -> list[float]:
        """Noise levels of the default solver."""
        return latent_grid(self.measure, self.noise_max, steps)

    @torch.no_grad()
    def sample(
        self, count: int, generator: torch.Generator, *, watch: Callable[[Tensor, float], None] | None = None
    ) -> Tensor:
        """Generate `count` fields with the solver of settings["generation"]; `watch` sees (x_0 + s z, s) on the way."""
        generation = self.settings["generation"]
        device = self.measure.power.device
        start = torch.randn(count, *self.site_shape, generator=generator, device=device)
        if generation["solver"] == "latent_flow":
            return latent_flow(
                lambda x, s: self.residual(x, x.new_full((len(x),), s)),
                self.measure,
                start,
                self.grid(generation["steps"]),
                lambda s: float(self.zero_deviation(torch.tensor([s], device=device))[0]),
                watch=watch,
            )
        unit = self.field_unit()
        solve = {"euler_maruyama": euler_maruyama, "predictor_corrector": predictor_corrector}[
            generation["solver"]
        ]
        first, last = (float(self.path.time_of_ratio(s / unit)) for s in (self.noise_max, self.noise_min))
        x = self.measure.from_latent(start, self.noise_max) / unit * float(self.path.signal(first))
        times = torch.linspace(first, last, generation["steps"] + 1, dtype=torch.float64).tolist()
        x = solve(self.score, self.path, x, times, generator)
        return x * unit / float(self.path.signal(last))


def _network(settings: dict[str, Any], site_shape: tuple[int, ...]) -> nn.Module:
    sizes = {key: settings[key] for key in ("channels", "blocks", "embedding") if key in settings}
    if settings["kind"] == "pointwise":
        return OddPerceptron(**sizes)
    return OddLatticeNetwork(len(site_shape), **sizes)


def _against(values: Tensor, fields: Tensor) -> Tensor:
    """(N,) -> (N, 1, ..., 1), to multiply fields."""
    return values.reshape(-1, *[1] * (fields.ndim - 1))
