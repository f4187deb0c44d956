"""Chains of proposals and sweeps reach the law of the system from any model: each part by itself, and both together."""

import itertools

import numpy as np
import pytest
import torch

from emulant.contracts.family import HasVariants, Samples, SamplesWithSystem
from emulant.errors import InputError
from emulant.families._cluster_chains import chained
from emulant.families.autoregressive.model import Model as Spins
from emulant.families.autoregressive_angles.model import Model as Angles
from emulant.spins.angle_chains import CLUSTERS, AngleChains
from emulant.systems.ising.system import from_settings as ising
from emulant.systems.xy.system import from_settings as xy

SHAPE = (3, 3)
STATES = np.array(list(itertools.product([-1, 1], repeat=9)), np.int8).reshape(-1, *SHAPE)


class Uniform:
    """A model that knows nothing of the energy, of spins mostly up."""

    def __init__(self, system, up=0.8):
        self.system, self.up = system, up

    def sample(self, count, generator):
        drawn = torch.rand(count, *SHAPE, generator=generator, dtype=torch.float64) < self.up
        fields = torch.where(drawn, 1, -1).to(torch.int8)
        return Samples(fields, log_q=self.log_density(fields))

    def log_density(self, fields):
        ups = (fields > 0).double().sum((1, 2))
        return ups * np.log(self.up) + (9 - ups) * np.log(1 - self.up)


class Frozen:
    """A system whose sweeps do nothing."""

    def __init__(self, system):
        self.system = system

    def action(self, fields):
        return self.system.action(fields)

    def swept(self, fields, sweeps, seed):
        return fields


def moments(fields):
    mean = np.asarray(fields, float).mean((1, 2))
    return np.stack([mean, mean**2, mean**4], 1)


def deviations(fields, system):
    """Errors of the moments from exact sums; 4.5 of them is a false alarm of 2e-5 for the three."""
    weight = np.exp(-system.action(STATES.astype(float)))
    exact = (weight / weight.sum()) @ moments(STATES)
    values = moments(fields)
    return np.abs(values.mean(0) - exact) / (values.std(0) / len(values) ** 0.5)


@pytest.mark.parametrize(("beta", "up", "rounds", "sweeping"), [(0.1, 0.6, 40, False), (0.3, 0.8, 6, True)])
def test_chains_reach_the_law(beta, up, rounds, sweeping):
    """By many proposals alone, by few with clusters; without rounds most spins have the sign of the model."""
    system = ising({"beta": beta, "shape": SHAPE})
    model, generator = Uniform(system if sweeping else Frozen(system), up), torch.Generator().manual_seed(4)
    assert deviations(model.sample(8192, generator).values.numpy(), system).max() > 10
    assert deviations(chained(model, 8192, rounds, generator).numpy(), system).max() < 4.5


def test_a_round_keeps_the_law():
    """Of a start in equilibrium: proposals that are taken too often or too rarely would move it."""
    system = ising({"beta": 0.3, "shape": SHAPE})
    weight = np.exp(-system.action(STATES.astype(float)))
    generator = np.random.default_rng(8)
    start = torch.from_numpy(STATES[generator.choice(len(STATES), 16384, p=weight / weight.sum())])

    class Started(Uniform):
        """Its first samples are those of the law."""

        drawn = 0

        def sample(self, count, generator):
            self.drawn += 1
            if self.drawn == 1:
                return Samples(start, log_q=self.log_density(start))
            return super().sample(count, generator)

    fields = chained(Started(Frozen(system)), len(start), 1, torch.Generator().manual_seed(1))
    assert (fields != start).any()
    assert deviations(fields.numpy(), system).max() < 4.5


MODELS = {
    "spins": (
        Spins,
        ising({"beta": 0.4, "shape": [4, 4]}),
        {"states": 2, "rows": 2, "hidden": 4, "rank": 2, "pool": 64, "objective": "labels"},
    ),
    "angles": (
        Angles,
        xy({"beta": 0.8, "shape": [4, 4]}),
        {"components": 2, "hidden": 4, "rank": 2, "pool": 64},
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_both_families_have_the_variant(name):
    """Models with weights by chance are wrong by many errors of the energy; ten rounds set it right (4.5 errors: 7e-6)."""
    family, system, settings = MODELS[name]
    torch.manual_seed(3)
    model = family.build(settings | {"name": "m", "family": name, "generation": {"rounds": 10}}, None, system)
    for parameter in model.network.parameters():
        parameter.data = parameter.data + 0.4 * torch.randn_like(parameter)
    assert isinstance(model, HasVariants) and isinstance(model, SamplesWithSystem)
    generator = torch.Generator().manual_seed(2)
    raw = system.energy(model.sample(2048, generator).values)
    energies = system.energy(model.sample_variant("cluster_chains", 2048, generator).values.double())
    exact, error = _energy(name, system)
    assert abs(raw.double().mean() - exact) > 10 * (raw.double().std() / 2048**0.5 + error)
    assert abs(energies.mean() - exact) < 4.5 * (energies.var() / 2048 + error**2) ** 0.5


def _energy(name, system):
    """Mean energy and its error: exact for spins, by long chains for angles."""
    if name == "spins":
        return system.exact_values()[0]["value"] * 16, 0.0
    chains = AngleChains(np.zeros((4096, 4, 4)), system.beta, seed=5)
    chains.advance(CLUSTERS, 50)
    energies = system.energy(chains.angles)
    return energies.mean(), energies.std() / len(energies) ** 0.5


def test_a_loaded_model_needs_its_system():
    """What a file says of a system has no moves."""
    family, system, settings = MODELS["spins"]
    model = family.build(settings | {"name": "m", "family": "autoregressive", "generation": {}}, None, system)
    model.system = object()
    with pytest.raises(InputError, match="cluster_chains: expected a system with moves"):
        model.sample_variant("cluster_chains", 8, torch.Generator())
