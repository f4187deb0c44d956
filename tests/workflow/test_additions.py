"""One file each: an experiment, a model family, an observable travel the whole road."""

import pandas as pd
import pytest

pytestmark = pytest.mark.pipeline

EXPERIMENT = """
system: {kind: two_peak, mean: 1.0, width: 0.5}
reference: {sampler: exact, samples: 4096, training_samples: 4096}
models:
  - {name: vp_diffusion, family: single_site, network: {kind: pointwise, channels: 8, blocks: 1, embedding: 8}}
  - {name: gaussian, family: gaussian, corrected: false, trainings: 2, generation: {steps: 2}}
"""

FAMILY = '''
"""A Gaussian whose width is learned."""

import torch
from safetensors.torch import load_file
from torch import nn


class Width(nn.Module):
    def __init__(self):
        super().__init__()
        self.log = nn.Parameter(0.3 * torch.randn(()))

    def forward(self, x):
        return (0.5 * (x / self.log.exp()) ** 2 + self.log).mean()


class Model(nn.Module):
    noises_per_field = 1

    def __init__(self, settings, site_shape):
        super().__init__()
        self.settings, self.site_shape, self.network = settings, tuple(site_shape), Width()

    @classmethod
    def build(cls, settings, fields, force=None):
        return cls(settings, fields.shape[1:])

    @classmethod
    def load(cls, record, weights):
        model = cls(record["settings"], record["site_shape"])
        model.network.load_state_dict(load_file(weights))
        return model

    def place(self, device):
        return self.to(device)

    def loss(self, fields, generator):
        return self.network(fields)

    def finished(self, state, fields, generator):
        return {name: tensor.cpu() for name, tensor in state.items()}

    @torch.no_grad()
    def sample(self, count, generator, *, watch=None):
        noise = torch.randn(count, *self.site_shape, generator=generator, device=self.network.log.device)
        return self.network.log.exp() * noise
'''

OBSERVABLE = r'''
"""The sixth moment at a site."""

from emulant.observables import Observable

observable = Observable(
    name="sixth_moment",
    symbol=r"\langle \phi^6 \rangle",
    description="mean of phi^6 at one site",
    primaries=lambda fields: fields.moments[:, 3:4],
    value=lambda means, shape: means,
    integrated=True,
    lattice_only=False,
)
'''


@pytest.fixture(scope="module")
def toy(checkout, tmp_path_factory):
    """Results at smoke scale of a copy with these three files more."""
    folder = checkout.copy(tmp_path_factory.mktemp("toy"))
    folder.write("config/experiments/toy.yaml", EXPERIMENT)
    folder.write("workflow/emulant/models/gaussian.py", FAMILY)
    folder.write("workflow/emulant/lattice/observables/sixth_moment.py", OBSERVABLE)
    folder.write("overlay.yaml", "experiments: toy\n")
    folder.make("--configfile", "overlay.yaml")
    return folder.path / "results/smoke"


def test_a_file_is_an_experiment(toy):
    verdict = pd.read_csv(toy / "verdict.csv")
    assert {"reference", "vp_diffusion", "gaussian"} <= set(verdict["source"])
    assert set(verdict["experiment"]) == {"toy"}
    assert 'id="toy"' in (toy / "report.html").read_text()


def test_a_file_is_a_family_of_models(toy):
    verdict = pd.read_csv(toy / "verdict.csv").set_index("source")["verdict"]
    assert verdict["gaussian"] == "fail"


def test_a_file_is_an_observable(toy):
    observables = pd.read_csv(toy / "toy/observables.csv")
    own = observables[observables["observable"] == "sixth_moment"].set_index("source")
    exact = 1 + 15 * 0.5**2 + 45 * 0.5**4 + 15 * 0.5**6
    assert abs(own["value"]["reference"] - exact) < 5 * own["error"]["reference"]
    compared = pd.read_csv(toy / "toy/comparison.csv")
    assert "sixth_moment" in set(compared["observable"])


def test_the_spread_of_two_trainings_enters_the_comparison(toy):
    key = ["source", "observable", "index"]
    measured = pd.read_csv(toy / "toy/observables.csv").set_index(key)["error"]
    compared = pd.read_csv(toy / "toy/comparison.csv")
    judged = compared[compared["against"] == "reference"].set_index(key)["error"]
    for source in ("gaussian", "gaussian_training2"):
        assert judged[source, "field_squared", 0] > 3 * measured[source, "field_squared", 0]
    assert judged["vp_diffusion", "field_squared", 0] == measured["vp_diffusion", "field_squared", 0]
