"""Values and errors of whole ensembles: chains, independent configurations, weights, and bad data."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.judging.measure import measure
from emulant.lattice.free import free_field_squared
from emulant.storage.ensemble import open_ensemble
from emulant.systems import measured_observables
from emulant.systems.phi4.system import Phi4


def measured(path, names=("field_squared", "magnetisation", "kappa"), kappa=0.2):
    with open_ensemble(path) as ensemble:
        system = Phi4(kappa, 0.0, ensemble.site_shape)
        return measure(ensemble, system, measured_observables(names, system.kind))


def only(measurement, name, index=0):
    rows = measurement.rows
    return rows[(rows["observable"] == name) & (rows["index"] == index)].iloc[0]


def slowly(rng, fresh, a):
    """Chains of fields that keep a share a of the last one: tau_int = (1 + a) / (1 - a) / 2 of M."""
    fields = fresh.copy()
    for t in range(1, len(fields)):
        fields[t] = a * fields[t - 1] + np.sqrt(1 - a**2) * fresh[t]
    return fields


def test_independent_configurations(free_fields, write):
    result = measured(write("e", free_fields(np.random.default_rng(1), 4096)))
    row = only(result, "field_squared")
    assert row["samples"] == 4096 and row["tau_int"] == 0.5
    assert abs(row["value"] - free_field_squared(0.2, (8, 8))) < 4 * row["error"]
    indices, samples = result.jackknife["kappa"]
    assert indices == (2, 4, 6, 8) and samples.shape == (256, 4)


def test_chains_of_one_configuration_are_independent(free_fields, write):
    fields = free_fields(np.random.default_rng(2), 500)
    plain = measured(write("plain", fields)).rows
    assert measured(write("chain", fields, chain=np.arange(500))).rows.equals(plain)


@pytest.mark.parametrize(("chains", "length"), [(32, 256), (2048, 4)])
def test_autocorrelated_chains(free_fields, write, chains, length):
    """tau_int of <M> and the true error, by the Gamma method and, for short chains, by chains as blocks."""
    rng, a = np.random.default_rng(3), 0.5
    fresh = free_fields(rng, chains * length).reshape(length, chains, 8, 8)
    fields = slowly(rng, fresh, a).reshape(-1, 8, 8)
    row = only(measured(write("e", fields, chain=np.tile(np.arange(chains), length))), "magnetisation")
    rho = a ** np.arange(1, length)
    tau = 0.5 + np.sum((1 - np.arange(1, length) / length) * rho)
    assert row["tau_int"] == pytest.approx(tau, rel=0.3)
    exact = np.sqrt(2.5 / 64 * 2 * tau / (chains * length))
    assert row["error"] == pytest.approx(exact, rel=0.2)


def test_weights_move_an_ensemble_to_another_coupling(free_fields, write):
    """From kappa = 0.19 to 0.2 by exp(-Delta S)."""
    fields = free_fields(np.random.default_rng(4), 20000, kappa=0.19)
    log_weight = Phi4(0.19, 0.0, (8, 8)).action(fields) - Phi4(0.2, 0.0, (8, 8)).action(fields)
    row = only(measured(write("e", fields, log_weight=log_weight)), "field_squared")
    assert abs(row["value"] - free_field_squared(0.2, (8, 8))) < 4 * row["error"]
    assert abs(row["value"] - free_field_squared(0.19, (8, 8))) > 8 * row["error"]
    assert row["samples"] < 20000


def test_weights_on_chains(free_fields, write):
    fields = free_fields(np.random.default_rng(5), 4000)
    chain = np.repeat(np.arange(20), 200)
    plain = only(measured(write("plain", fields, chain=chain)), "field_squared")
    equal = only(
        measured(write("equal", fields, chain=chain, log_weight=np.full(4000, 3.0))), "field_squared"
    )
    assert equal["value"] == pytest.approx(plain["value"])
    assert equal["error"] == pytest.approx(plain["error"], rel=1e-3)


def test_memory_chunks_do_not_matter(free_fields, write, monkeypatch):
    path = write("e", free_fields(np.random.default_rng(6), 300))
    whole = measured(path).rows["value"]
    monkeypatch.setattr("emulant.storage.ensemble.CHUNK_SITES", 64 * 7)
    np.testing.assert_allclose(measured(path).rows["value"], whole, rtol=1e-12)


def test_million_of_single_sites(write):
    rng = np.random.default_rng(7)
    fields = rng.choice([-1.0, 1.0], size=(10**6, 1)) + 0.25 * rng.normal(size=(10**6, 1))
    result = measured(write("e", fields))
    for n, exact in {2: 1.0625, 4: -2, 6: 16, 8: -272}.items():
        row = only(result, "kappa", n)
        assert abs(row["value"] - exact) < 4 * row["error"] < 0.02 * abs(exact)


def test_bad_data_are_refused(free_fields, write):
    fields = free_fields(np.random.default_rng(8), 100)
    with pytest.raises(InputError, match="zero variance"):
        measured(write("constant", np.ones((100, 8, 8))))
    broken = fields.copy()
    broken[50, 3, 3] = np.nan
    with pytest.raises(InputError, match="configurations"):
        measured(write("nan", broken))
    with pytest.raises(InputError, match="at least two"):
        measured(write("one", fields[:1]))
    with pytest.raises(InputError, match="log_weight"):
        measured(write("weights", fields, log_weight=np.full(100, np.nan)))
    with pytest.raises(InputError, match="finite observables"):
        measured(write("huge", fields * 1e60, dtype="float64"))
