"""An observable that is NaN or infinite on either side is in no test, and is named; the rest of its set is judged."""

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import REFERENCE, Source
from emulant.judging import compare as module
from emulant.judging.compare import compare, untested
from emulant.judging.judge import judge
from emulant.judging.notes import _of_untested
from emulant.statistics.pulls import pull
from emulant.systems.phi4.system import Phi4

MODEL = Source("model")
BAD = [np.nan, np.inf, -np.inf]


class Sample:
    """An open ensemble as the judge sees it."""

    log_weight = None

    def __init__(self, attributes=()):
        self.attributes = dict(attributes)

    def __len__(self):
        return 4096


def measured(rng, name="set", size=6):
    """Rows of reference and model, and their jackknife samples: independent numbers of equal law."""
    rows, samples = [], {}
    for source in (REFERENCE, MODEL):
        replicas = rng.normal(size=(128, size)) / 128
        value = replicas.mean(axis=0)
        error = np.sqrt(127) * replicas.std(axis=0)
        common = {
            "experiment": "e",
            **source._asdict(),
            "observable": name,
            "tau_int": 0.5,
            "samples": 4096.0,
        }
        numbers = enumerate(zip(value, error, strict=True))
        rows += [common | {"index": index, "value": v, "error": e} for index, (v, e) in numbers]
        samples[source] = {name: (tuple(range(size)), replicas)}
    return pd.DataFrame(rows), samples


def compared(rows, samples, correlated=("set",)):
    published = pd.DataFrame({"of": []})
    return compare(rows, samples, exact=[], published=published, correlated=correlated)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("side", [REFERENCE, MODEL])
@pytest.mark.parametrize("column", ["value", "error", "samples"])
def test_an_index_that_is_no_number_is_no_test(bad, side, column):
    """The p-value of the set is that of the other five, to the last digit."""
    rows, samples = measured(np.random.default_rng(1))
    without = compared(
        rows[rows["index"] != 3],
        {
            source: {"set": ((0, 1, 2, 4, 5), np.delete(part["set"][1], 3, axis=1))}
            for source, part in samples.items()
        },
    )
    if column == "samples":
        samples[side]["set"][1][5, 3] = bad
    else:
        rows.loc[(rows["model"] == side.model) & (rows["index"] == 3), column] = bad
    table = compared(rows, samples).set_index("index")
    assert np.isnan(table.loc[3, ["p", "pull"]].astype(float)).all()
    assert table["p"].drop(3).to_numpy() == pytest.approx(without["p"].to_numpy(), rel=1e-12)
    assert untested(table.reset_index()) == {MODEL: {"set": [3]}}
    assert len(module.tests_of(table.reset_index())) == 1


@pytest.mark.parametrize("bad", BAD)
def test_single_numbers_and_whole_sets_that_are_none(bad):
    rows, samples = measured(np.random.default_rng(2))
    single = compared(rows.assign(value=rows["value"].where(rows["index"] != 1, bad)), samples, ())
    assert single["p"].isna().tolist() == [False, True, False, False, False, False]
    nothing = compared(rows.assign(value=bad), samples)
    assert nothing["p"].isna().all() and len(module.tests_of(nothing)) == 0


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("position", range(4))
def test_a_pull_of_what_is_no_number_is_nan(bad, position):
    """Also where the error is infinite, which would let every value pass."""
    numbers = [1.0, 0.3, 2.0, 0.4]
    numbers[position] = bad
    assert np.isnan(pull(*numbers))


def test_the_verdict_names_them_and_judges_the_rest():
    """Of phi4: kappa_6 that is NaN in the model, abs M that is infinite in the reference; G(2) is wrong and is seen."""
    rng = np.random.default_rng(3)
    parts = {name: measured(rng, name) for name in ("correlator", "kappa", "abs_magnetisation")}
    rows = pd.concat([table for table, _ in parts.values()], ignore_index=True)
    samples = {s: {name: part[s][name] for name, (_, part) in parts.items()} for s in (REFERENCE, MODEL)}
    of_model = rows["model"] == "model"
    rows.loc[of_model & (rows["observable"] == "kappa") & (rows["index"] == 4), "value"] = np.nan
    rows.loc[~of_model & (rows["observable"] == "abs_magnetisation") & (rows["index"] == 0), "value"] = np.inf
    rows.loc[of_model & (rows["observable"] == "correlator") & (rows["index"] == 2), "value"] += 1.0
    system = Phi4(0.2, 0.0, (8, 8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("emulant.judging.judge.part_of_form", lambda *arguments: None)
        result = judge(rows, samples, {REFERENCE: Sample(), MODEL: Sample()}, system, exact=[])
    verdict = result.verdicts.set_index("model").loc["model"]
    assert (verdict["verdict"], verdict["worst_observable"]) == ("fail", "correlator")
    assert verdict["note"] == "NaN or infinite, and therefore in no test: kappa (4), abs_magnetisation"
    bad = result.comparison[result.comparison["pull"].isna()]
    assert set(bad["verdict"]) == {"info"} and len(bad) == 2


def test_many_numbers_are_counted():
    assert [*_of_untested({"mean_pt": [111, 221, 311, 2112], "kappa": [4, 6]})] == [
        "NaN or infinite, and therefore in no test: mean_pt (4 of its numbers), kappa (4, 6)"
    ]
