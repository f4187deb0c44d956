"""Every observable on configurations whose value is known, and the folder that lists them."""

import numpy as np
import pytest

import emulant.lattice.observables as room
from emulant.errors import InputError
from emulant.lattice.free import free_field_squared, free_power
from emulant.scalar.fields import Fields
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.systems import measured_observables, observables_of
from emulant.systems.phi4.system import Phi4

NAMES = {
    "magnetisation",
    "abs_magnetisation",
    "susceptibility",
    "susceptibility_abs",
    "binder",
    "field_squared",
    "action_density",
    "schwinger_dyson",
    "correlator",
    "correlation_length",
    "power_spectrum",
    "kappa",
    "kappa_ratio",
}


def values(name, phi, system=None):
    observable = observables_of("phi4")[name]
    means = observable.primaries(Fields(phi, system)).mean(axis=0)
    return observable.value(means, phi.shape[1:])


def test_the_contract_names_are_there():
    assert set(observables_of("phi4")) >= NAMES


def test_zero_dimensions_have_what_makes_sense_there():
    names = {o.name for o in measured_observables(None, "two_peak")}
    assert {"kappa", "kappa_ratio", "field_squared", "schwinger_dyson"} <= names
    assert not {"correlator", "power_spectrum", "susceptibility", "binder", "correlation_length"} & names


def test_unknown_and_senseless_names_are_refused():
    with pytest.raises(InputError, match=r"expected one of .*binder.*got magnetization"):
        measured_observables(["magnetization"], "phi4")
    with pytest.raises(InputError, match="correlator"):
        measured_observables(["correlator"], "two_peak")


def test_two_ordered_configurations():
    """Phi = +2 and phi = -2 everywhere on 4 x 4."""
    phi = np.ones((2, 4, 4)) * np.array([2.0, -2.0])[:, None, None]
    assert values("magnetisation", phi) == 0
    assert values("abs_magnetisation", phi) == 2
    assert values("susceptibility", phi) == 16 * 4
    assert values("susceptibility_abs", phi) == 0
    assert values("binder", phi) == pytest.approx(2 / 3)
    assert values("field_squared", phi) == 4
    np.testing.assert_allclose(values("correlator", phi), 4)
    np.testing.assert_allclose(values("power_spectrum", phi), [64, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(values("kappa_ratio", phi), [-2, 16, -272])


def test_action_density_of_a_constant_field():
    """S/V = -2 d kappa + 1 - 2 lambda + lambda = 1 - lambda - 4 kappa at phi = 1 in two dimensions."""
    system = Phi4(0.26, 0.022, (4, 4))
    assert values("action_density", np.ones((1, 4, 4)), system) == pytest.approx(1 - 0.022 - 4 * 0.26)


@pytest.mark.parametrize("shape", [(16,), (8, 8), (16, 8), (4, 4, 6)])
def test_free_field(free_fields, shape):
    """Against closed forms, 4 sigma with the error of the primaries."""
    kappa = 0.4 / len(shape)
    phi, power = free_fields(kappa, shape, 20000, 1), free_power(kappa, shape)
    system = Phi4(kappa, 0.0, shape)
    volume, scatter = phi[0].size, 4 / np.sqrt(20000)
    zero = power.flat[0]
    assert values("susceptibility", phi)[0] == pytest.approx(zero, rel=np.sqrt(2) * scatter)
    assert values("field_squared", phi)[0] == pytest.approx(free_field_squared(kappa, shape), rel=scatter)
    assert values("action_density", phi, system)[0] == pytest.approx(0.5, rel=np.sqrt(2 / volume) * scatter)
    assert values("schwinger_dyson", phi, system)[0] == pytest.approx(1, rel=np.sqrt(2 / volume) * scatter)
    assert abs(values("binder", phi)[0]) < 1.7 * scatter
    smallest = power[(0,) * int(np.argmax(shape)) + (1,) + (0,) * (len(shape) - 1 - int(np.argmax(shape)))]
    length = np.sqrt(zero / smallest - 1) / (2 * np.sin(np.pi / max(shape)))
    assert values("correlation_length", phi)[0] == pytest.approx(length, rel=10 * scatter)
    exact = np.fft.ifftn(power).real[tuple([slice(None)] + [0] * (len(shape) - 1))]
    if len(set(shape)) == 1:
        reach = shape[0] // 2 + 1
        error = np.sqrt(2) * np.sqrt((power**2).sum()) / volume
        np.testing.assert_allclose(values("correlator", phi), exact[:reach], atol=error * scatter)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_translations_and_reflections_change_nothing(free_fields, name):
    phi = free_fields(0.2, (6, 6), 10, 2)
    system = Phi4(0.2, 0.022, (6, 6))
    moved = np.flip(np.roll(phi, (1, 2), axis=(1, 2)), axis=1)
    np.testing.assert_allclose(values(name, moved, system), values(name, phi, system), rtol=1e-9, atol=1e-12)
    if name != "magnetisation":
        np.testing.assert_allclose(
            values(name, -phi, system), values(name, phi, system), rtol=1e-9, atol=1e-12
        )


def test_two_files_of_a_system_cannot_declare_the_same_name(tmp_path, monkeypatch):
    (tmp_path / "again.py").write_text("from emulant.scalar.observables.kappa import observable\n")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    observables_of.cache_clear()
    try:
        with pytest.raises(InputError, match="expected names that differ, got kappa"):
            observables_of("phi4")
    finally:
        observables_of.cache_clear()


def test_one_file_adds_an_observable(tmp_path, monkeypatch):
    (tmp_path / "sixth_moment.py").write_text(
        '"""The sixth moment."""\n'
        "from emulant.contracts.observable import Observable\n"
        "observable = Observable(name='sixth_moment', symbol='m_6', description='mean of phi^6',\n"
        "    primaries=lambda fields: fields.moments[:, 3:4], value=lambda means, shape: means)\n"
    )
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    observables_of.cache_clear()
    try:
        assert values("sixth_moment", np.full((2, 3, 3), 2.0))[0] == 64
        assert "sixth_moment" in {o.name for o in measured_observables(None, "phi4")}
    finally:
        observables_of.cache_clear()


def test_no_correlation_length_of_white_fields_has_no_error():
    """White fields: xi^2 is 0 on average, so xi is not a number in half of the ensembles, and never 0 without an error."""
    observable, shape = observables_of("phi4")["correlation_length"], (8, 8)
    for seed in range(24):
        fields = Fields(np.random.default_rng(seed).normal(size=(256, *shape)), None)
        primaries = observable.primaries(fields)
        sums = BlockSums(primaries.shape[1])
        sums.add(assign_blocks(len(primaries)), primaries)
        value, samples = jackknife(sums, lambda means: observable.value(means, shape))
        error = jackknife_error(samples)
        assert np.isnan(error) or (error > 0.05 and value < 6 * error)
