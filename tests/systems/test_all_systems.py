"""What is true of every system that declares itself."""

from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from emulant.configuration.experiments import Overrides, load_experiment
from emulant.contracts.declaration import SYSTEMS, declared_system, system_kinds
from emulant.contracts.system import HasAction, HasAdmission, HasGradient, HasSymmetries
from emulant.errors import InputError
from emulant.forms import open_samples
from emulant.judging.measure import measure
from emulant.stages.contracts import check_contracts, check_parts
from emulant.storage.yaml_files import names_in, read_yaml
from emulant.systems import (
    measured_observables,
    observable_packages,
    observables_of,
    published_tables,
    system_from,
)
from tests.references import sample_reference

ROOT = Path(__file__).parents[2]
CONFIG, SCHEMA = ROOT / "config", ROOT / "workflow/schemas/experiment.schema.yaml"
every_system = pytest.mark.parametrize("kind", system_kinds())
SAMPLES = 2048
"""Of a reference here; walkers and events, which cost more, are fewer."""


@cache
def experiment(kind):
    """The first experiment of a kind that runs at smoke scale."""
    for name in names_in(CONFIG / "experiments"):
        content = read_yaml(CONFIG / "experiments" / f"{name}.yaml")
        if content["system"]["kind"] == kind and "smoke" not in content.get("skip", []):
            return name
    raise AssertionError(f"no experiment of {kind}")


@cache
def settings(kind):
    return load_experiment(CONFIG, experiment(kind), "smoke", SCHEMA)


@cache
def system_of(kind):
    return system_from(settings(kind)["system"])


def with_action():
    return [kind for kind in system_kinds() if isinstance(system_of(kind), HasAction)]


def fields_of(kind, count=3):
    return torch.as_tensor(np.random.default_rng(2).normal(size=(count, *system_of(kind).site_shape)))


@every_system
def test_it_offers_the_action_that_it_declares(kind):
    assert ("action" in declared_system(kind)["offers"]) == isinstance(system_of(kind), HasAction)
    assert system_of(kind).kind == kind


@pytest.mark.parametrize("kind", [k for k in with_action() if isinstance(system_of(k), HasGradient)])
def test_the_gradient_is_the_derivative_of_the_action(kind):
    fields = fields_of(kind).requires_grad_()
    (derivative,) = torch.autograd.grad(system_of(kind).action(fields).sum(), fields)
    torch.testing.assert_close(system_of(kind).gradient(fields), derivative, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [k for k in with_action() if isinstance(system_of(k), HasSymmetries)])
def test_symmetries_leave_the_action_alone(kind):
    fields, generator = fields_of(kind, 16), torch.Generator().manual_seed(1)
    for symmetry in system_of(kind).symmetries:
        moved = symmetry(fields, generator)
        assert moved.shape == fields.shape
        torch.testing.assert_close(
            system_of(kind).action(moved), system_of(kind).action(fields), rtol=1e-9, atol=1e-9
        )


@every_system
def test_exact_values_are_those_of_a_small_reference(kind, tmp_path):
    """Pulls below 5 where errors are Gaussian; false alarm 6e-7 each."""
    system, block = system_of(kind), dict(settings(kind)["reference"])
    block["samples"] = min(block["samples"], SAMPLES)
    block |= (
        {"chains": 64}
        if "chains" in declared_system(kind)["samplers"].get(block["sampler"], {}).get("properties", {})
        else {}
    )
    path = tmp_path / "reference"
    sample_reference(system, path, settings=block, seed=11, checkpoint=tmp_path / "c.npz")
    check_contracts(path, system)
    exact = [row for row in system.exact_values() if not row["observable"].startswith(("kappa", "mu_"))]
    with open_samples(path, system) as ensemble:
        rows = measure(ensemble, system, measured_observables(None, kind), lambda *_: None).rows
    measured = rows.set_index(["observable", "index"])
    assert len(measured)
    for row in exact:
        ours = measured.loc[(row["observable"], row["index"])]
        assert abs(ours["value"] - row["value"]) < 5 * ours["error"] + 1e-12, row


@every_system
def test_files_that_a_system_admits_are_a_sampler(kind):
    assert not isinstance(system_of(kind), HasAdmission) or "file" in declared_system(kind)["samplers"]


@every_system
def test_samplers_and_studies_are_those_that_are_declared(kind):
    check_parts(kind)


@every_system
def test_a_typo_is_answered_by_one_line(kind):
    file = CONFIG / "config.yaml"
    block = {"system": {"kappaa": 0.1}}
    with pytest.raises(InputError) as caught:
        load_experiment(CONFIG, experiment(kind), "smoke", SCHEMA, Overrides({experiment(kind): block}, file))
    message = str(caught.value)
    assert "\n" not in message and "config.yaml" in message and "system.kappaa" in message


@every_system
def test_observables_have_names_of_their_own(kind):
    """`observables_of` refuses a name that two files declare; none is lost between the packages and the list."""
    names = [
        observable.name
        for package in observable_packages(kind)
        for file in Path(import_module(package).__path__[0]).glob("[a-z]*.py")
        for observable in _declared(f"{package}.{file.stem}")
    ]
    assert sorted(names) == sorted(observables_of(kind))


def _declared(module):
    content = vars(import_module(module))
    return content.get("observables") or (content["observable"],)


@every_system
def test_published_values_can_be_read(kind):
    for file in published_tables(kind):
        assert file.parent == SYSTEMS / kind
        assert len(pd.read_csv(file, comment="#"))
