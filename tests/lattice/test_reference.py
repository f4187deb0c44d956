import hashlib

import numpy as np
import pytest

from emulant.lattice.backends import backend
from emulant.lattice.on_the_fly import OnTheFly
from emulant.lattice.quench import quenched
from emulant.markov.thermalisation import Gate
from emulant.statistics.pulls import limit, pull
from emulant.storage.ensemble import EnsembleWriter, open_ensemble
from emulant.systems import observables_of
from emulant.systems.phi4.system import Phi4
from tests.references import sample_reference

SETTINGS = {"sampler": "hmc", "samples": 12000, "chains": 64}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "settings",
    [
        {"sampler": "hmc", "samples": 12000, "chains": 64},
        {"sampler": "hmc", "samples": 880, "chains": 8, "clusters": 0, "backend": "torch"},
        {"sampler": "quench", "samples": 2500, "trajectories": 5, "steps": 10},
        {"sampler": "quench", "samples": 2500, "trajectories": 5, "steps": 10, "backend": "torch"},
    ],
)
def test_a_killed_reference_goes_on_to_the_same_bytes(settings, tmp_path, monkeypatch):
    system = Phi4(0.24, 0.022, (6, 6))
    whole = tmp_path / "whole.h5"
    record = sample_reference(system, whole, settings=settings, seed=4, checkpoint=tmp_path / "a.npz")
    append, calls = EnsembleWriter.append, []

    def dying(self, *arguments, **columns):
        calls.append(len(calls))
        if len(calls) == (100 if settings["sampler"] == "hmc" else 2):
            raise KeyboardInterrupt
        append(self, *arguments, **columns)

    monkeypatch.setattr(EnsembleWriter, "append", dying)
    resumed = tmp_path / "resumed.h5"
    with pytest.raises(KeyboardInterrupt):
        sample_reference(system, resumed, settings=settings, seed=4, checkpoint=tmp_path / "b.npz")
    assert not resumed.exists()
    before = len(calls)
    again = sample_reference(system, resumed, settings=settings, seed=4, checkpoint=tmp_path / "b.npz")
    assert len(calls) - before < -(-settings["samples"] // settings.get("chains", 1024))
    assert again == record
    assert digest(whole) == digest(resumed)
    assert not (tmp_path / "b.npz").exists() and not (tmp_path / "b.rows").exists()


def test_a_checkpoint_of_another_coupling_is_not_continued(tmp_path, monkeypatch):
    append, calls = EnsembleWriter.append, []

    def dying(self, *arguments, **columns):
        calls.append(1)
        if len(calls) == 80:
            raise KeyboardInterrupt
        append(self, *arguments, **columns)

    settings = {**SETTINGS, "samples": 6400}
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(EnsembleWriter, "append", dying)
        sample_reference(
            Phi4(0.24, 0.022, (6, 6)),
            tmp_path / "a.h5",
            settings=settings,
            seed=4,
            checkpoint=tmp_path / "a.npz",
        )
    assert (tmp_path / "a.npz").exists()
    for name in ("a", "b"):
        sample_reference(
            Phi4(0.2, 0.022, (6, 6)),
            tmp_path / f"{name}.h5",
            settings=settings,
            seed=4,
            checkpoint=tmp_path / f"{name}.npz",
        )
    assert digest(tmp_path / "a.h5") == digest(tmp_path / "b.h5")


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    system = Phi4(0.24, 0.022, (6, 6))
    for name in ("one", "two"):
        path = tmp_path / f"{name}.h5"
        sample_reference(
            system, path, settings={**SETTINGS, "samples": 640}, seed=9, checkpoint=tmp_path / "c.npz"
        )
    assert digest(tmp_path / "one.h5") == digest(tmp_path / "two.h5")


def test_the_quench_is_not_equilibrium(tmp_path):
    path = tmp_path / "quench.h5"
    settings = {"sampler": "quench", "samples": 512}
    record = sample_reference(
        Phi4(0.4, 0.022, (16, 16)), path, settings=settings, seed=1, checkpoint=tmp_path / "d"
    )
    assert record["equilibrated"] is False
    with open_ensemble(path) as ensemble:
        assert not ensemble.attributes["equilibrated"]
        magnetisation = np.abs(ensemble.read().mean((1, 2)))
    assert (magnetisation < 3.4).mean() > 0.15


def test_the_quench_at_32_has_its_high_statistics_cumulants():
    """Of 512 quenches; false alarm 1e-4. Rejections would delay it: the published leapfrog is accepted with 0.998."""
    system = Phi4(0.4, 0.022, (32, 32))

    def chains(start, seed):
        return backend("numba")(system.site_shape, system.kappa, system.coupling, start, seed=seed)

    fields, acceptance = quenched(chains, (512, 32, 32), np.random.SeedSequence(1))
    assert acceptance > 0.998
    run = OnTheFly([observables_of("phi4")["kappa_ratio"]], system)
    run.add(fields, np.arange(512))
    ratios = run.values()["kappa_ratio"]
    expected = [(-1.87794, 0.00013), (14.5073, 0.0016), (-238.594, 0.036)]
    for value, error, target in zip(ratios.value, ratios.error, expected, strict=True):
        assert abs(pull(value, error, *target)) < limit(3, 1e-4)


def test_the_gate_rejects_walls_and_a_wrong_action():
    generator, hot = np.random.default_rng(5), np.arange(200) % 2 == 0

    def weigh(size, identity, hot):
        return Gate().weigh(size, identity, hot, np.full(200, 0.9))

    size = 3.75 + 0.05 * generator.normal(size=(200, 40))
    identity = 1 + 0.05 * generator.normal(size=(200, 40))
    assert weigh(size, identity, hot).accepted
    walls = size.copy()
    walls[4] = 0.3
    assert weigh(walls, identity, hot).walls == 1
    assert not weigh(size, identity + 0.01, hot).accepted
    assert not weigh(np.where(hot[:, None], size * 0.98, size), identity, hot).accepted
