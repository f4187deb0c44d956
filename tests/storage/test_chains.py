"""Chains of users' files: their identities survive, errors know them, and what cannot be is refused."""

import h5py
import numpy as np
import pytest
from scipy.signal import lfilter

from emulant.errors import InputError
from emulant.statistics.autocorrelation import gamma_error, split_chains
from emulant.storage.ensemble import open_ensemble
from emulant.storage.imported import import_configurations

CHAINS, STEPS, A = 8, 512, 0.9
"""Eight chains of neighbours' correlation 0.9: tau_int = (1 + A)/(1 - A)/2 = 9.5."""
ERROR = np.sqrt((1 + A) / (1 - A) / (CHAINS * STEPS / 2))
"""Of the mean of a half of the rows, of unit variance."""


@pytest.fixture(scope="module")
def beside():
    """Stationary AR(1) chains beside each other, (STEPS CHAINS, 2)."""
    noise = np.random.default_rng(2).normal(size=(STEPS, CHAINS, 1))
    noise[1:] *= np.sqrt(1 - A * A)
    return np.repeat(lfilter([1], [1, -A], noise, axis=0).reshape(-1, 1), 2, axis=1)


@pytest.fixture
def bring(tmp_path, attributes):
    """A function of arrays, HDF5 or .npy -> record and the ensemble of the half that judges."""

    def bring(arrays, dataset="configurations", half="reference", **told):
        file = tmp_path / ("mine.h5" if isinstance(arrays, dict) else "mine.npy")
        if isinstance(arrays, dict):
            with h5py.File(file, "w") as content:
                content.update(arrays)
        else:
            np.save(file, arrays)
        target = tmp_path / "out.h5"
        record = import_configurations(file, target, (2,), attributes, dataset=dataset, half=half, **told)
        with open_ensemble(target) as ensemble:
            return record, ensemble.chain, ensemble.read()

    return bring


def error_of(chain, values):
    rows = split_chains(values[:, :1].astype(float), chain)
    return gamma_error(rows, lambda means: means).error[0]


CHAIN = np.arange(STEPS * CHAINS) % CHAINS
IDENTITIES = {
    "beyond int32": CHAIN + 3 * 10**9,
    "unsigned": CHAIN.astype(np.uint64) + np.uint64(2**63),
    "floating": CHAIN + 3e9,
    "negative": -7 * CHAIN,
    "small": CHAIN.astype(np.int8),
}


@pytest.mark.parametrize("kind", IDENTITIES)
@pytest.mark.parametrize("where", ["configurations", "run1/configurations"])
def test_identities_are_numbered_afresh(bring, beside, kind, where):
    """Clipped to one number, or not seen in the group, they would give a third of the right error."""
    name = where.replace("configurations", "chain")
    record, chain, values = bring({where: beside, name: IDENTITIES[kind]}, dataset=where)
    assert record["chains"] == CHAINS and chain.dtype == np.int32
    _, expected = np.unique(IDENTITIES[kind], return_inverse=True)
    np.testing.assert_array_equal(chain, expected[len(chain) :])
    # The Gamma method's error has itself an error of 10 % here.
    assert error_of(chain, values) == pytest.approx(ERROR, rel=0.4)
    assert error_of(np.zeros_like(chain), values) < 0.5 * ERROR


def test_the_record_says_which_identities_were_used(bring, beside):
    arrays = {"run1/phi": beside, "run1/chain": CHAIN + 3 * 10**9, "chain": np.zeros(3)}
    record, *_ = bring(arrays, dataset="run1/phi")
    assert record["chains_from"] == "run1/chain: 3000000000 to 3000000007"
    record, *_ = bring({"run1/phi": beside, "chain": CHAIN}, dataset="run1/phi")
    assert record["chains_from"] == "chain: 0 to 7"


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (CHAIN + 0.5, "chain: expected whole numbers that name the chains, got 0.5 in row 0"),
        (np.where(CHAIN == 3, np.nan, CHAIN), "got nan in row 3"),
        (np.where(CHAIN == 3, 1e300, CHAIN), "got 1e[+]300 in row 3"),
        (CHAIN[:10], "chain: expected 4096 entries"),
        (CHAIN[:, None], "chain: expected 4096 entries"),
        (7, "chain: expected an entry for each sample, got one number"),
        ([f"run{c}" for c in CHAIN], "chain: expected a dataset of numbers, got text"),
    ],
)
def test_identities_that_name_no_chains(bring, beside, chain, words):
    with pytest.raises(InputError, match=words):
        bring({"configurations": beside, "chain": chain})
    with pytest.raises(InputError, match="chain: expected a dataset, got a group"):
        bring({"configurations": beside, "chain/ids": CHAIN})


def test_chains_beside_each_other_are_no_single_chain(bring, beside):
    """The line says what to set; what it says gives the right error."""
    with pytest.raises(InputError, match=r"say `chains: 8` under `reference`.* 0\.\d\d between rows 8 apart"):
        bring(beside)
    record, chain, values = bring(beside, chains=8)
    assert record["chains_from"] == "chains: 8, order: interleaved"
    assert error_of(chain, values) == pytest.approx(ERROR, rel=0.4)


def test_one_chain_that_is_told_is_believed(bring, beside):
    record, chain, _ = bring(beside, chains=1)
    assert record["chains"] == 1 and not chain.any()


def test_chains_after_each_other(bring, beside):
    after = beside.reshape(STEPS, CHAINS, 2).swapaxes(0, 1).reshape(-1, 2)
    _, chain, values = bring(after, chains=8, order="successive")
    np.testing.assert_array_equal(chain, np.repeat([4, 5, 6, 7], STEPS))
    assert error_of(chain, values) == pytest.approx(ERROR, rel=0.4)
    with pytest.raises(InputError, match="neighbours are the most alike, by chains: 8, order: interleaved"):
        bring(after, chains=8)
    record, *_ = bring(after)
    assert record["chains"] == 1


def test_an_order_that_is_another_is_refused(bring, beside):
    with pytest.raises(InputError, match="by chains: 8, order: successive, got a correlation"):
        bring(beside, chains=8, order="successive")
    with pytest.raises(InputError, match="by chain: 0 to 3, got a correlation"):
        bring({"configurations": beside, "chain": CHAIN // 2})


def test_what_is_told_fits_the_file(bring, beside):
    with pytest.raises(InputError, match="chains of equal length in 4096 rows, got 7 chains"):
        bring(beside, chains=7)
    with pytest.raises(InputError, match="no number of chains, as the file says by chain"):
        bring({"configurations": beside, "chain": CHAIN}, chains=8)
    with pytest.raises(InputError, match="chains: expected the number of chains, of which `order` speaks"):
        bring(beside, order="successive")
