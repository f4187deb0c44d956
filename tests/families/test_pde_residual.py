"""The study `pde_residual`: small for scores that obey the equation, large for those that do not, in each of its parts."""

import copy

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.families import _pde_residual, studies_of_family
from emulant.families._pde_residual import study_pde_residual
from emulant.families.diffusion.model import Model
from emulant.lattice.free import free_power
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.systems import system_from
from emulant.systems.phi4.system import Phi4
from emulant.systems.two_peak.system import TwoPeak
from emulant.transport.gaussian_start import half_modes
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import LinearInterpolant, VarianceExploding, VariancePreserving
from tests.families.small import MEMBERS, built
from tests.references import sample_reference

SETTINGS = {"noise": [0.1, 1.0, 3.0], "sites": 4096}
PATHS = [VarianceExploding(25.0), VariancePreserving(), LinearInterpolant()]


def written(tmp_path, fields):
    """A file of fields as a reference."""
    path = tmp_path / "reference.h5"
    attributes = provenance(system="none", parameters={}, sampler="test", seed=1) | {"equilibrated": True}
    with EnsembleWriter(path, fields.shape[1:], attributes=attributes) as writer:
        writer.append(fields.astype(np.float32))
    return path


def table_of(study, system, model, reference, **settings):
    inputs = StudyInputs({**SETTINGS, **settings}, 5, reference, {"model": model})
    result = study(system, inputs)
    assert len(result.record) == len(inputs.settings["noise"])
    return result.table


def part(table, name):
    return table.loc[table["part"] == name, "residual"].to_numpy()


class OnPath(torch.nn.Module):
    """A score on a path."""

    def __init__(self, path, score, unit=1.0):
        super().__init__()
        self.path, self.score, self.unit = path, score, unit

    def field_unit(self):
        return self.unit


@pytest.mark.parametrize("path", PATHS, ids=lambda path: type(path).__name__)
def test_an_exact_score_obeys_and_that_of_another_schedule_does_not(path, tmp_path):
    """Two peaks in double precision but for the points; a tenth more noise is seen at every noise level."""
    system = TwoPeak(1.0, 0.5)
    reference = written(tmp_path, system.sample(4096, np.random.default_rng(1)))

    def exact(factor):
        return lambda x, t: system.score(x, path.signal(t), factor * path.noise(t))

    right = table_of(study_pde_residual, system, OnPath(path, exact(1.0)), reference)
    wrong = table_of(study_pde_residual, system, OnPath(path, exact(1.1)), reference)
    assert part(right, "all").max() < 1e-4 and np.abs(part(right, "field")).max() < 1e-3
    assert part(wrong, "all").min() > 0.02
    assert not len(part(right, "shell"))


@pytest.fixture(scope="module")
def free():
    """A diffusion model that was told the power of a free field on 4 x 6, and learned nothing."""
    power = torch.from_numpy(free_power(0.2, (4, 6)))
    settings = {
        "name": "free",
        "family": "diffusion",
        "path": {"kind": "variance_exploding", "sigma": 25.0},
        "network": {"kind": "lattice", "channels": 4, "blocks": 1},
        "generation": {"solver": "latent_flow", "steps": 5},
    }
    model = Model(settings, ModeMeasure(half_modes(power), (4, 6)), unit=1.0)
    white = np.random.default_rng(2).standard_normal((256, 4, 6))
    fields = np.fft.ifftn(np.fft.fftn(white, axes=(1, 2)) * np.sqrt(power.numpy()), axes=(1, 2)).real
    return model, fields


def test_a_free_field_obeys_in_every_shell(free, tmp_path):
    model, fields = free
    system, reference = Phi4(0.2, 0.0, (4, 6)), written(tmp_path, fields)
    right = table_of(study_pde_residual, system, model, reference)
    assert part(right, "all").max() < 1e-4 and part(right, "shell").max() < 1e-3
    momenta = right.loc[right["part"] == "shell", "position"].unique()
    assert momenta[0] == 0 and (np.diff(momenta) > 0).all()


def test_a_wrong_zero_mode_is_seen_in_its_shell(free, tmp_path):
    """A score whose zero mode alone is a tenth too large."""
    model, fields = free
    system, reference = Phi4(0.2, 0.0, (4, 6)), written(tmp_path, fields)

    precise = copy.deepcopy(model).double()

    def score(x, t):
        right = precise.score(x, t)
        return right + 0.1 * right.mean((1, 2), keepdim=True)

    wrong = OnPath(model.path, score, model.field_unit())
    table = table_of(study_pde_residual, system, wrong, reference, noise=[0.3])
    shells = part(table, "shell")
    assert shells[0] > 0.05 and shells[1:].max() < 1e-3
    assert 1e-3 < part(table, "all")[0] < shells[0]


def test_random_signs_leave_no_noise_in_the_square(free, tmp_path, monkeypatch):
    """A score with a ripple that couples sites; one sign a trace against all units, the same noise: to four errors."""
    model, fields = free
    precise, system = copy.deepcopy(model).double(), Phi4(0.2, 0.0, (4, 6))

    def score(x, t):
        return precise.score(x, t) + 0.1 * torch.sin(x + 2 * x.roll(1, 1) - 2 * x.roll(1, 2))

    def whole():
        rippled, reference = OnPath(model.path, score, model.field_unit()), written(tmp_path, fields)
        table = table_of(study_pde_residual, system, rippled, reference, noise=[1.0], sites=256 * 24)
        return table[table["part"] == "all"].iloc[0]

    monkeypatch.setattr(_pde_residual, "SIGNS", 1)
    estimate = whole()
    monkeypatch.setattr(_pde_residual, "EXACT_SITES", 24)
    exact = whole()
    assert abs(estimate["residual"] - exact["residual"]) < 4 * estimate["error"]
    assert 2 * exact["error"] < estimate["error"] < 0.1 * exact["residual"]


@pytest.mark.parametrize("member", [m for m in MEMBERS if m.family in ("score", "energy", "single_site")])
def test_families_declare_it(member, tmp_path):
    """Untrained models: finite numbers at every noise, in the units of each family."""
    system, path = system_from(member.system), tmp_path / "reference.h5"
    sample_reference(system, path, settings={**member.reference, "samples": 256}, seed=1)
    study = studies_of_family(member.family)["pde_residual"]
    table = table_of(study, system, built(member), path, sites=256)
    assert np.isfinite(table[["residual", "error"]].to_numpy()).all()
    assert (part(table, "all") > 0).all()
