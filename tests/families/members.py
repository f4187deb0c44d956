"""A small model of every family, for the tests that run over all of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from emulant.collisions.events import concatenated
from emulant.collisions.surrogate import Surrogate
from emulant.families import build_model
from emulant.systems import system_from

PATH = {"kind": "variance_exploding", "sigma": 25.0}
PHI4 = {"kind": "phi4", "kappa": 0.2, "lambda": 0.02, "shape": [4, 4]}
WELL = {"kind": "two_peak", "mean": 1.0, "width": 0.5}
PLANE = {"kind": "planar_peaks", "mean": 1.0, "width": 0.5}
EVENTS = {"kind": "collision", "projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [0.0, 2.0]}
LATTICE = {"network": {"kind": "lattice", "channels": 4, "blocks": 1}}
POINTS = {"network": {"kind": "pointwise", "channels": 24, "blocks": 1, "embedding": 16}}


@dataclass(frozen=True)
class Member:
    """How to build a small model of a family.

    Attributes:
        family: its name.
        system: block of a system that it can learn.
        settings: keys of the model block beside name and family.
        generation: blocks that a user may choose.
        odd: whether the law is even, and the map from noise to samples odd.
    """

    family: str
    system: dict[str, Any]
    settings: dict[str, Any]
    generation: tuple[dict[str, Any], ...]
    odd: bool = False


def _solvers(*names, steps=5):
    return tuple({"solver": name, "steps": steps} for name in names)


ALL = ("latent_flow", "probability_flow", "euler_maruyama", "predictor_corrector")
CLOUD = {"latent": 4, "layers": 2, "hidden": 8, "encoder": [8], "heads": [8], "decoder": [8, 8]}
MEMBERS = [
    Member("diffusion", PHI4, {"path": PATH, **LATTICE, "target": "forces"}, _solvers(*ALL), odd=True),
    Member("short_waves", PHI4, {"path": PATH, **LATTICE, "long_waves": 4}, _solvers("latent_flow")),
    Member("single_site", WELL, {"path": PATH, **POINTS}, _solvers(*ALL), odd=True),
    Member("baseline", PHI4 | {"shape": [8, 8]}, {"path": PATH}, _solvers("euler_maruyama")),
    Member("score", PLANE, {"path": PATH, **POINTS}, _solvers("probability_flow"), odd=True),
    Member(
        "energy",
        PLANE,
        {"path": PATH, **POINTS},
        (*_solvers("probability_flow"), {"solver": "metropolis", "steps": 5, "metropolis_steps": 4}),
        odd=True,
    ),
    Member(
        "heidi", EVENTS, {"network": {"channels": 8, "blocks": 1, "heads": 2}}, ({"steps": 3, "batch": 8},)
    ),
    Member("heidi_baseline", EVENTS, {"network": CLOUD}, ({"steps": 7, "batch": 8},)),
]


def data_of(member):
    """Training samples, of the system where it is easy to draw them."""
    system, generator = system_from(member.system), np.random.default_rng(1)
    if member.system is EVENTS:
        block = {key: value for key, value in EVENTS.items() if key != "kind"}
        return concatenated(list(Surrogate(**block).events(64, 1)))
    if member.system in (WELL, PLANE):
        return torch.from_numpy(system.sample(20_000, generator).astype(np.float32))
    white = torch.from_numpy(generator.standard_normal((600, *system.site_shape)).astype(np.float32))
    return white + 0.3 * white.roll(1, 1) + 0.3 * white.roll(1, 2)


def built(member, generation=None):
    """A model as after a training: its network has weights by chance, and it is calibrated."""
    torch.manual_seed(3)
    block = generation or member.generation[0]
    settings = {"name": member.family, "family": member.family, "generation": block, **member.settings}
    data = data_of(member)
    model = build_model(settings, data, system_from(member.system))
    for parameter in model.network.parameters():
        if not bool(parameter.any()):
            torch.nn.init.normal_(parameter, std=0.05)
    weights = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    model.finished(weights, model.examples(data, 1), torch.Generator().manual_seed(4))
    return model.eval()
