"""Colours and markers of models, and what experiments say of themselves."""

from emulant.contracts.source import Source
from emulant.plots.style import COLOURS, MARKERS, look_of, looking
from emulant.storage.yaml_files import names_in, read_yaml

from .conftest import ROOT

LOOKS = read_yaml(ROOT / "config/looks.yaml")
EXPERIMENTS = {
    name: read_yaml(ROOT / f"config/experiments/{name}.yaml")
    for name in names_in(ROOT / "config/experiments")
}


def models_of(experiment):
    blocks = [experiment, *(experiment.get("scales") or {}).values()]
    entries = [entry for block in blocks for entry in block.get("models", [])]
    return list(dict.fromkeys(entry if isinstance(entry, str) else entry["name"] for entry in entries))


def test_no_two_models_look_alike():
    assert len({tuple(look) for look in LOOKS.values()}) == len(LOOKS) >= 40
    assert all(colour in COLOURS and marker in MARKERS for colour, marker in LOOKS.values())


def test_models_of_an_experiment_differ_in_colour():
    with looking(LOOKS):
        for experiment in EXPERIMENTS.values():
            models = models_of(experiment)
            colours = {look_of(Source(model), models).colour for model in models}
            assert len(colours) == len(models)


def test_the_schema_allows_the_colours_and_markers_that_there_are():
    first, second = read_yaml(ROOT / "workflow/schemas/looks.schema.yaml")["additionalProperties"][
        "prefixItems"
    ]
    assert first["enum"] == list(COLOURS) and second["enum"] == list(MARKERS)


def test_every_experiment_has_a_short_title_of_its_own_and_a_sentence():
    titles = [experiment["title"] for experiment in EXPERIMENTS.values()]
    assert len(set(titles)) == len(titles)
    for name, experiment in EXPERIMENTS.items():
        assert len(experiment["title"]) <= 60 and "_" not in experiment["title"], name
        assert experiment["about"].strip().endswith("."), name


def test_smoke_does_not_judge_and_other_scales_do(load):
    assert load("two_peak", "smoke")["judged"] is False
    assert all(load("two_peak", scale).get("judged", True) for scale in ("laptop", "tour", "paper"))
