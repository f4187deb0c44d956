"""A network in its preconditioning: what diffusion on lattices is, whichever modes carry noise."""

from collections.abc import Callable
from functools import partial
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples, Watch
from emulant.errors import InputError
from emulant.families._family import ModelFamily
from emulant.families.diffusion.loss import Forces, denoising_loss, even, noisy_examples, reaching
from emulant.families.diffusion.preconditioning import NOISE_SPAN, Preconditioning
from emulant.families.diffusion.readout import Readout
from emulant.families.diffusion.sampling import Sampling
from emulant.networks.lattice import OddLatticeNetwork
from emulant.networks.pointwise import OddPerceptron
from emulant.networks.precision import evaluated_in
from emulant.transport.calibration import Calibration
from emulant.transport.last_map.last_map import LastMap
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import path_from

__all__ = ["ModeDiffusion", "restored"]

CALIBRATION_LEVELS, CALIBRATION_FIELDS = 12, 24576
"""Noise levels of the calibration, and fields that it takes: 2048 a level measure a coefficient to 2 % of F."""

READOUT_LEVELS, READOUT_FIELDS = 24, 65536
"""The same of the weights of the longest waves, of which each field has a few only."""

BATCH = 256
"""Fields that are generated at a time for the last map, which fit into the cache of a core at 32 x 32."""


class ModeDiffusion(ModelFamily):
    """D(x, s) = D_base(x, s) + c_out(s) F(x, s): base from the measured modes, F from an odd network.

    What the measured modes already explain is taken out of F (`calibrate`).

    Arguments:
        settings: the model block of the config: path, network, generation, ...
        measure: the analytic starting point.
        forces: of the action, where training uses them.
        unit: size of the force of the interaction, or None: by `forces`, or else by the measured modes.
        calibration: what the measured modes explain of F, once that was measured.
        readout: weights of the longest waves in the network's last layer, once they were fitted.
        last_map: of generated fields, to the training fields' law of M, powers and one-site cumulants, once measured.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        measure: ModeMeasure,
        forces: Forces | None = None,
        *,
        unit: float | None = None,
        calibration: Calibration | None = None,
        readout: Readout | None = None,
        last_map: LastMap | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.forces = settings, forces
        self.calibration, self.readout, self.last_map = calibration, readout, last_map
        self.path, self.site_shape = path_from(settings["path"]), measure.site_shape
        self.network = _network(settings["network"], self.site_shape)
        unit = forces.unit(measure) if unit is None and forces is not None else unit
        span = settings.get("noise_span", NOISE_SPAN)
        self.base = Preconditioning.of(measure, noise_span=span, unit=unit)

    def parts(self) -> dict[str, Tensor]:
        """Measure, unit, and what was measured after the training."""
        unit = torch.tensor(self.base.unit, dtype=torch.float64)
        out = {"measure.power": self.measure.power, "unit": unit}
        if self.measure.zero_mode is not None:
            out["measure.centres"] = self.measure.zero_mode.centres
            out["measure.weights"] = self.measure.zero_mode.weights
            out["measure.width"] = torch.tensor(self.measure.zero_mode.width, dtype=torch.float64)
        measured = {"calibration": self.calibration, "readout": self.readout, "last_map": self.last_map}
        for name, part in measured.items():
            if part is not None:
                out |= {f"{name}.{key}": value for key, value in part.tensors().items()}
        return out

    def place(self, device: torch.device | str) -> Self:
        """Move network, preconditioning and tables to `device`."""
        self.base = self.base.to(device)
        if self.forces is not None:
            self.forces = self.forces.to(device)
        if self.calibration is not None:
            self.calibration = self.calibration.to(device)
        if self.readout is not None:
            self.readout = self.readout.to(device)
        if self.last_map is not None:
            self.last_map = self.last_map.to(device)
        return super().place(device)

    @property
    def measure(self) -> ModeMeasure:
        """The measured modes."""
        return self.base.measure

    @property
    def sampling(self) -> Sampling:
        """The solver of settings["generation"]."""
        solver, steps = (self.settings["generation"][key] for key in ("solver", "steps"))
        return Sampling(self.base, self.path, solver, steps)

    @property
    def evaluations(self) -> int:
        """Calls of the network for each field."""
        return self.sampling.evaluations

    def field_unit(self) -> float:
        """The unit in which the path measures fields: their root mean square."""
        return self.base.field_unit()

    def examples(self, data: Tensor, seed: int) -> Examples:
        """Training fields; the loss uses each of a batch twice."""
        return Examples(data, copies=2)

    def interaction(self, x: Tensor, noise: Tensor, denoised: Tensor) -> Tensor:
        """n(x, s); `denoised` is what the measure makes of x at s."""
        return self.network(*self.base.inputs(noise, denoised, self.measure.whitened(x, noise)))

    def residual(
        self,
        x: Tensor,
        noise: Tensor,
        denoised: Tensor | None = None,
        network: Callable[..., Any] | None = None,
    ) -> Tensor:
        """F(x, s): x = x_0 + s z of shape (N, *site_shape), noise s of shape (N,), or (1,) for all.

        Arguments:
            denoised: what the measure makes of x at s, where that was computed.
            network: in place of the model's own, such as the same in another precision.
        """
        measure, network = self.measure, network or self.network
        denoised = measure.denoise(x, noise) if denoised is None else denoised
        power, s = measure.power_like(noise)
        whitened = measure.transform(x) * (power + s**2).rsqrt().to(x.dtype)
        inputs = self.base.inputs(noise, denoised, measure.inverse(whitened))
        output = self._output(network, *inputs, noise)
        modes = measure.transform(output) * self.base.gains(noise)[1].to(x.dtype)
        if self.calibration is not None:
            modes = modes - self.calibration.explained(measure, x, whitened, noise)
        return measure.inverse(modes)

    def _output(self, network: Callable[..., Any], inputs: Tensor, position: Tensor, noise: Tensor) -> Tensor:
        """A network's n at inputs (N, 2, *site_shape), with the weights of the longest waves where they were fitted."""
        if self.readout is None:
            return network(inputs, position)
        output, amplitudes = network(inputs, position, self.readout.waves)
        return output + self.readout(amplitudes, self.measure.solver_variables(noise))

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The loss of `denoising_loss` at training fields (N, *site_shape)."""
        forces = self._forces_on(batch)
        emphasis = reaching if self.settings.get("readout") else even
        return denoising_loss(self.interaction, self.base, self.path, batch, generator, forces, emphasis)

    def _forces_on(self, fields: Tensor) -> tuple[Tensor, Tensor] | None:
        """Forces on fields and their power in each mode, where training uses them."""
        return None if self.forces is None else (self.force_on(fields), self.forces.power)

    def force_on(self, fields: Tensor) -> Tensor:
        """Grad S of what training shows to the network."""
        return self.forces.gradient(fields)

    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """Measure on training fields what F lacks, and on generated ones what these lack."""
        if shells := self.settings.get("readout"):
            self.read_out(examples.rows, shells, generator)
        self.calibrate_on(examples.rows, generator)
        if count := self.settings.get("last_map"):
            self.last_map = None
            latents = self.latents(count, generator)
            generated = torch.cat([self.generate(part, generator) for part in latents.split(BATCH)])
            if not bool(generated.isfinite().all()):
                name = f"model {self.settings['name']}"
                raise InputError(
                    name, "last_map", "a model whose fields are finite, to measure it on", "NaN or infinity"
                )
            trained = examples.rows.to(self.measure.power.device)
            self.last_map = LastMap.measure(self.measure, trained, generated, latents)

    @torch.no_grad()
    def calibrate_on(self, fields: Tensor, generator: torch.Generator) -> None:
        """Measure on fields (N, *site_shape) what the measured modes explain of F."""
        chosen, levels = self._chosen(fields, CALIBRATION_FIELDS), self._levels(CALIBRATION_LEVELS)
        self.calibration = None
        self.calibration = Calibration.measure(self.residual, self.measure, chosen, levels, generator)

    @torch.no_grad()
    def read_out(self, fields: Tensor, shells: int, generator: torch.Generator) -> None:
        """Fit on fields (N, *site_shape) weights of the longest waves in the network's last layer."""

        def noisy(part: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
            return noisy_examples(self.base, part, noise, generator, self._forces_on(part))

        self.readout = self.calibration = None
        chosen, levels = self._chosen(fields, READOUT_FIELDS), self._levels(READOUT_LEVELS)
        self.readout = Readout.measure(self.network, self.base, noisy, chosen, levels, shells)

    def _chosen(self, fields: Tensor, most: int) -> Tensor:
        """At most so many of the fields, on the model's device."""
        order = torch.randperm(len(fields), generator=torch.Generator().manual_seed(0))
        return fields[order[:most]].to(self.measure.power.device)

    def _levels(self, count: int) -> list[float]:
        """So many noise levels at which something is measured."""
        low, high = (self.measure.solver_variable(s) for s in (self.base.noise_min, self.base.noise_max))
        steps = [low + (high - low) * k / (count - 1) for k in range(count)]
        return [self.measure.noise_of(u) for u in steps]

    def score(self, x: Tensor, t: float) -> Tensor:
        """Gradient of log p_t at x on the path, in the path's own units of the field (field/field_unit)."""
        signal, unit = float(self.path.signal(t)), self.field_unit()
        noise = torch.full((len(x),), float(self.path.ratio(t)) * unit, device=x.device)
        denoised = self.denoise(x / signal * unit, noise) / unit
        return self.path.score_from_denoiser(denoised, x, t)

    def denoise(self, x: Tensor, noise: Tensor) -> Tensor:
        """D(x, s) = E[x_0 | x_0 + s z = x], shapes (N, *site_shape), (N,)."""
        denoised = self.measure.denoise(x, noise)
        gain = self.base.output_gain(noise)
        return denoised + self.measure.filtered(self.residual(x, noise, denoised), gain)

    def latents(self, count: int, generator: torch.Generator) -> Tensor:
        """What generation starts from: fields (count, *site_shape) of independent standard normal modes."""
        device = self.measure.power.device
        return torch.randn(count, *self.site_shape, generator=generator, device=device)

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Any = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Generate `count` fields with the solver of settings["generation"]; there are no conditions."""
        return Samples(self.generate(self.latents(count, generator), generator, watch))

    @torch.no_grad()
    def generate(self, latents: Tensor, generator: torch.Generator, watch: Watch | None = None) -> Tensor:
        """Fields of latents (N, *site_shape); a map where the solver is a flow."""
        precision = self.settings["generation"].get("precision", "float32")
        residual = partial(self.residual, network=evaluated_in(self.network, precision))
        fields = self.sampling(latents, residual, self.score, generator, watch)
        return fields if self.last_map is None else self.last_map(fields)


def restored(tensors: dict[str, Tensor], measure: ModeMeasure) -> dict[str, Any]:
    """Arguments of a model that were measured, from the tensors of its file, which are taken out of them."""

    def taken(of: str) -> dict[str, Tensor]:
        names = [name for name in tensors if name.startswith(f"{of}.")]
        return {name.removeprefix(f"{of}."): tensors.pop(name) for name in names}

    calibration, readout, last_map = taken("calibration"), taken("readout"), taken("last_map")
    return {
        "unit": float(tensors.pop("unit")),
        "calibration": Calibration.from_tensors(calibration) if calibration else None,
        "readout": Readout(readout["variables"], readout["weights"], measure.site_shape) if readout else None,
        "last_map": LastMap.from_tensors(last_map, measure) if last_map else None,
    }


def _network(settings: dict[str, Any], site_shape: tuple[int, ...]) -> nn.Module:
    sizes = {key: settings[key] for key in ("channels", "blocks", "embedding") if key in settings}
    if settings["kind"] == "pointwise":
        return OddPerceptron(**sizes)
    return OddLatticeNetwork(len(site_shape), **sizes)
