"""A small model of every family, for the tests that run over all of them.

A family brings its own in `members/<family>.yaml`:

    system: block of a system that it can learn
    reference: the sampler of its training samples and their number; noise of the system's shape where left out
    settings: keys of the model block beside name and family
    generation: blocks that a user may choose, one or more
    odd: whether the law is even, and the map from noise to samples odd
    scatter: false where a condition has one sample alone, as of a regression
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from emulant.contracts.declaration import declared_family
from emulant.families import build_model
from emulant.stages.training import read_training
from emulant.storage.yaml_files import names_in, read_yaml
from emulant.systems import system_from
from tests.references import sample_reference

FOLDER = Path(__file__).parent / "members"


@dataclass(frozen=True)
class Member:
    """How to build a small model of a family; the attributes are the keys of its file."""

    family: str
    system: dict[str, Any]
    reference: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    generation: tuple[dict[str, Any], ...] = ({},)
    odd: bool = False
    scatter: bool = True


DATA: dict[str, Any] = {}
MEMBERS = [Member(name, **read_yaml(FOLDER / f"{name}.yaml")) for name in names_in(FOLDER)]


def data_of(member):
    """What the family learns from: nothing (of the action), samples of its reference, or noise."""
    if member.family not in DATA:
        DATA[member.family] = _data_of(member)
    return DATA[member.family]


def _data_of(member):
    if declared_family(member.family)["needs"] == "action":
        return None
    system = system_from(member.system)
    if member.reference:
        return _sampled(member, system)
    white = np.random.default_rng(1).standard_normal((600, *system.site_shape))
    fields = torch.from_numpy(white.astype(np.float32))
    return sum((0.3 * fields.roll(1, axis) for axis in range(1, fields.ndim)), fields)


def _sampled(member, system):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "training"
        sample_reference(system, path, settings=member.reference, seed=1)
        return read_training([path], system, {"name": member.family}).samples


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
