"""The posterior by an emulator of the observables: Gaussian processes on a design, Markov chains of the parameters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples, Watch
from emulant.contracts.system import System
from emulant.families._family import tensors_of
from emulant.families._posterior import PosteriorFamily
from emulant.inference.emulation.gaussian_process import GaussianProcess
from emulant.inference.emulation.noise import NoiseLaw
from emulant.inference.emulation.observables import ObservableEmulator, fit_emulator, log_likelihood
from emulant.inference.emulation.principal import PrincipalComponents
from emulant.inference.sampling import sample_posterior
from emulant.storage.pairs import Pairs

__all__ = ["Model"]

COMPONENTS = PrincipalComponents._fields
PROCESS = ("design", "lengths", "amplitude", "white", "factor", "alpha", "mean")


class Emulator(nn.Module):
    """The numbers of an emulator as buffers: sizes n design points, d parameters, m observables, k components."""

    def __init__(self, points: int, parameters: int, observables: int, components: int) -> None:
        super().__init__()
        n, d, m, k = points, parameters, observables, components
        shapes = {"mean": (m,), "scale": (m,), "components": (k, m), "trust": (k,)}
        noise = {"covariance": (m, m), "slopes": (m,), "centre": (m,), "spread": (m,)}
        shapes |= {f"noise_{name}": shape for name, shape in noise.items()}
        process = ((n, d), (d,), (), (), (n, n), (n,), ())
        shapes |= {f"process_{name}": (k, *shape) for name, shape in zip(PROCESS, process, strict=True)}
        for name, shape in shapes.items():
            self.register_buffer(name, torch.zeros(shape, dtype=torch.float64))

    def keep(self, emulator: ObservableEmulator) -> None:
        """Copy a fitted emulator."""
        arrays = emulator.components._asdict() | {"trust": emulator.trust}
        arrays |= {f"noise_{name}": values for name, values in emulator.noise._asdict().items()}
        for name, values in arrays.items():
            self.get_buffer(name).copy_(torch.from_numpy(values))
        for name in PROCESS:
            stacked = np.stack([np.asarray(vars(process)[name]) for process in emulator.processes])
            self.get_buffer(f"process_{name}").copy_(torch.from_numpy(stacked))

    def emulator(self, kernel: str) -> ObservableEmulator:
        """Return the emulator."""
        arrays = {name: buffer.cpu().numpy() for name, buffer in self.named_buffers()}
        processes = (
            GaussianProcess(kernel, **{name: arrays[f"process_{name}"][k] for name in PROCESS})
            for k in range(len(arrays["components"]))
        )
        components = PrincipalComponents(*(arrays[name] for name in COMPONENTS))
        noise = NoiseLaw(*(arrays[f"noise_{name}"] for name in NoiseLaw._fields))
        return ObservableEmulator(components, tuple(processes), arrays["trust"], noise)


class Model(PosteriorFamily):
    """Draws of the parameters of each observation.

    Arguments:
        settings: the model block.
        sizes: of `Emulator`.
    """

    rounds, evaluations = 1, 0

    def __init__(self, settings: dict[str, Any], sizes: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.settings, self.network = settings, Emulator(*sizes)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A model before its fit; the first pairs are its design, the others measure the noise."""
        whole = (data.inputs.flatten(1).double(), data.outputs.flatten(1).double())
        inputs, outputs = (part[: settings["design"]] for part in whole)
        components = min(settings["components"], inputs.shape[1])
        model = cls(settings, (len(inputs), outputs.shape[1], inputs.shape[1], components)).with_system(
            system
        )
        model.pairs = whole[0].numpy(), system.prior.standardised(whole[1].numpy())
        # Before the fit it predicts the design's mean and spread everywhere, so that it can be tried.
        model.network.scale.copy_(inputs.std(0))
        model.network.mean.copy_(inputs.mean(0))
        model.network.noise_covariance.copy_(inputs.var(0).diag())
        model.network.noise_spread.fill_(1.0)
        model.network.process_lengths.fill_(1.0)
        model.network.process_factor.copy_(torch.eye(len(inputs)))
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """The fitted model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            components, points, parameters = tensors["process_design"].shape
            sizes = (points, parameters, len(tensors["mean"]), components)
        return cls(record["settings"], sizes).take(tensors, weights)

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Nothing: the fit takes the design at once."""
        return Examples(None)

    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit the emulator; the loss is the mean square of left-out residuals of components over their variances."""
        count, names = self.settings["design"], ("components", "kernel")
        observables, z = (part[:count] for part in self.pairs)
        further = self.pairs[1][count:], self.pairs[0][count:]
        settings = {name: self.settings[name] for name in names}
        emulator = fit_emulator(z, observables, **settings, further=further)
        self.network.keep(emulator)
        squares = [
            residual**2 / variance for residual, variance in (p.left_out() for p in emulator.processes)
        ]
        return {"examples": len(z), "loss": float(np.mean(squares))}

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Draw parameters of each of condition["inputs"] (count, ...); those of equal inputs come from the same chains."""
        inputs = condition["inputs"].flatten(1).double().cpu().numpy()
        observations, group = np.unique(inputs, axis=0, return_inverse=True)
        seeds = torch.randint(2**31, (len(observations),), generator=generator, device=generator.device)
        parameters = np.empty((count, self.network.process_design.shape[2]))
        emulator = self.network.emulator(self.settings["kernel"])
        for number, (observation, seed) in enumerate(zip(observations, seeds.tolist(), strict=True)):
            rows = np.flatnonzero(group == number)
            parameters[rows] = self.posterior(emulator, observation, len(rows), seed)
        return Samples(torch.from_numpy(parameters).float().to(condition["inputs"].device))

    def posterior(
        self,
        emulator: ObservableEmulator,
        observation: np.ndarray,
        draws: int,
        seed: int,
        covariance: np.ndarray | float = 0.0,
    ) -> np.ndarray:
        """Draw parameters (draws, d) of one observation, with a covariance (m, m) beyond the emulator's."""
        prior = self.prior
        return sample_posterior(
            lambda theta: log_likelihood(emulator, prior.standardised(theta), observation, covariance),
            prior,
            draws=draws,
            seed=seed,
            **{name: self.settings["generation"][name] for name in ("walkers", "steps")},
        )
