"""Models that begin with the weights of another experiment's are followed back before any job starts."""

import pytest

from emulant.configuration.starts import check_starts
from emulant.errors import InputError

RIDGE, DIFFUSION = {"family": "ridge_flow"}, {"family": "diffusion"}


def checked(folder, settings, name="first"):
    (folder / "experiments").mkdir()
    for experiment in settings:
        (folder / "experiments" / f"{experiment}.yaml").touch()
    blocks = {
        experiment: {"models": {model: {"name": model, **block} for model, block in models.items()}}
        for experiment, models in settings.items()
    }
    check_starts(folder, name, blocks.__getitem__)


def after(experiment, model, **block):
    return {**RIDGE, **block, "starts_from": {"experiment": experiment, "model": model}}


def test_a_chain_of_trainings_is_followed(tmp_path):
    checked(
        tmp_path,
        {"first": {"a": after("second", "b")}, "second": {"b": after("third", "c")}, "third": {"c": RIDGE}},
    )


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"secnd": {"b": RIDGE}}, r"first.yaml: models.a.starts_from.experiment: .*did you mean secnd"),
        ({"second": {"bb": RIDGE}}, r"first.yaml: models.a.starts_from.model: .*did you mean bb"),
        (
            {"second": {"b": DIFFUSION}},
            r"starts_from.model: expected a model of family ridge_flow, got diffusion",
        ),
        (
            {"second": {"b": after("first", "a")}},
            r"second.yaml: models.b.starts_from: expected a model that is",
        ),
    ],
)
def test_what_cannot_be_trained_before_is_one_line(tmp_path, others, message):
    with pytest.raises(InputError, match=message):
        checked(tmp_path, {"first": {"a": after("second", "b")}, **others})
