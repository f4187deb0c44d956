import shutil

import pytest

from emulant.configuration.experiments import Overrides
from emulant.configuration.listing import check_overrides, experiment_names, names_of_form, scales
from emulant.contracts.declaration import declared_family
from emulant.errors import InputError

CRITICAL, SYSTEM = "experiments/phi4_critical.yaml", "system"


def test_every_shipped_experiment_is_valid_at_every_scale(config, load):
    for scale in scales(config):
        for name in experiment_names(config, "all", scale):
            settings = load(name, scale)
            assert settings["models"] or settings["studies"]


def test_the_contracted_experiments_and_models(config, load):
    names = (
        "two_peak",
        "effective_action",
        "phi4_symmetric",
        "phi4_critical",
        "phi4_broken",
        "phi4_cumulants",
    )
    assert {*names, "phi4_quench"} <= set(experiment_names(config, "all", "laptop"))
    kappas = {"symmetric": 0.21, "critical": 0.26, "broken": 0.5, "cumulants": 0.4, "quench": 0.4}
    for name, kappa in kappas.items():
        system = load(f"phi4_{name}")["system"]
        assert (system["kappa"], system["lambda"], system["shape"]) == (kappa, 0.022, [16, 16])
        assert load(f"phi4_{name}", "paper")["system"]["shape"] == [32, 32]
    assert set(load("phi4_symmetric")["models"]) == {
        "ve_diffusion",
        "vp_diffusion",
        "flow_matching",
        "ve_baseline",
    }
    assert load("phi4_quench")["reference"]["sampler"] == "quench"


def test_layers(load):
    laptop, paper = load(), load(scale="paper")
    assert laptop["system"] == {"kind": "phi4", "kappa": 0.26, "lambda": 0.022, "shape": [16, 16]}
    assert paper["system"]["kappa"] == 0.27088
    assert paper["models"]["ve_diffusion"]["generation"]["samples"] >= 100_000


def test_overrides_lie_over_everything(config, load):
    blocks = {"all": {"training": {"steps": 7}}, "phi4_critical": {"system": {"kappa": 0.1}}}
    overrides = Overrides(blocks, config / "mine.yaml")
    assert load(overrides=overrides)["system"]["kappa"] == 0.1
    assert load(overrides=overrides)["models"]["flow_matching"]["training"]["steps"] == 7
    assert load("phi4_broken", overrides=overrides)["system"]["kappa"] == 0.5
    with pytest.raises(
        InputError, match=r"mine.yaml: override.phi4_critical.system.kappa: expected a number"
    ):
        load(overrides=Overrides({"phi4_critical": {"system": {"kappa": "x"}}}, config / "mine.yaml"))
    with pytest.raises(InputError, match=r"mine.yaml: override.phi4_critcal: .*did you mean phi4_critical"):
        check_overrides(config, {"phi4_critcal": {}}, config / "mine.yaml")


def test_an_override_that_no_model_takes_is_refused(config, load):
    """Steps of a solver stand in the models' own files, over what an experiment says."""
    blocks = {"phi4_critical": {"generation": {"steps": 20}}}
    words = r"mine.yaml: override.phi4_critical.generation.steps: expected a key that a model takes.*, got 20"
    with pytest.raises(InputError, match=words):
        load(overrides=Overrides(blocks, config / "mine.yaml"))


def test_a_model_of_the_action_is_told_the_conditions_of_its_experiment(load, edit):
    edit("experiments/phi4_line_20.yaml", lambda content: content.update(conditions={"kappa": [0.3, 0.4]}))
    settings = load("phi4_line_20")
    assert settings["models"]["ridge_flow"]["conditions"] == {"kappa": [0.3, 0.4]}
    assert "conditions" not in load("phi4_line_14")["models"]["ridge_flow"]


def test_several_trainings_are_models_of_their_own(load):
    models = load(scale="paper")["models"]
    assert {"ve_diffusion", "ve_diffusion_training2", "ve_diffusion_training3"} <= set(models)
    assert models["ve_diffusion_training2"]["name"] == "ve_diffusion_training2"
    assert models["ve_diffusion"]["corrected"] and not models["ve_diffusion_training2"]["corrected"]
    assert len(load()["models"]) == 3
    events = load("au_au_central", "paper")["models"]
    assert events["heidi"]["generation"]["unprojected"] == 200
    assert events["heidi_training2"]["generation"] == {
        key: value for key, value in events["heidi"]["generation"].items() if key != "unprojected"
    }


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        (CRITICAL, lambda c: c["system"].update(kapa=c["system"].pop("kappa")), "system.kapa: .* mean kappa"),
        (
            CRITICAL,
            lambda c: c["system"].update(kappa="large"),
            "system.kappa: expected a number .hopping par",
        ),
        (CRITICAL, lambda c: c["system"].update(kappa=float("nan")), "system.kappa: expected a number .*nan"),
        (CRITICAL, lambda c: c["system"].update(kappa=True), "system.kappa: expected a number .*True"),
        (
            CRITICAL,
            lambda c: c["system"].pop("kappa"),
            "system.kappa: expected hopping parameter, got nothing",
        ),
        (CRITICAL, lambda c: c["system"].update(kind="phi5"), "system.kind: .* mean phi4"),
        (CRITICAL, lambda c: c["system"].update(shape=[16, 16.0]), "system.shape.1: expected an integer"),
        (CRITICAL, lambda c: c["system"].update(**{"lambda": -1}), "system.lambda: expected at least 0"),
        (CRITICAL, lambda c: c.update(modles=c.pop("models")), "modles: .* mean models"),
        (CRITICAL, lambda c: c.update(models=["ve_difusion"]), "models.0: .* mean ve_diffusion"),
        (CRITICAL, lambda c: c.update(models="ve_diffusion"), "models: expected a list of models"),
        (
            CRITICAL,
            lambda c: c.update(models=[{"name": "vp_diffusion", "famly": 1}]),
            "models.0.famly: .* mean fam",
        ),
        (CRITICAL, lambda c: c.update(observables=["bindr"]), "observables.0: .* mean binder"),
        (
            CRITICAL,
            lambda c: c.update(reference={"sampler": "exact"}),
            "reference.sampler: .*hmc, quench, file",
        ),
        (CRITICAL, lambda c: c.update(reference={"sampler": "file"}), "reference.file: expected your own"),
        (CRITICAL, lambda c: c.update(scales={"lptop": {}}), "scales: .* mean laptop"),
        (
            CRITICAL,
            lambda c: c["scales"].update(laptop={"training": {"steps": "many"}}),
            "phi4_critical.yaml: scales.laptop.training.steps: expected an integer .optimizer steps., got 'many'",
        ),
        (
            "scales/laptop.yaml",
            lambda c: c["training"].update(batsh=3),
            "laptop.yaml: training.batsh: .* mean batch",
        ),
        (
            "models/vp_diffusion.yaml",
            lambda c: c["network"].update(chanels=3),
            "vp_diffusion.yaml: network.chanels: .* mean channels",
        ),
        (
            "models/vp_diffusion.yaml",
            lambda c: c.update(family="difusion"),
            "vp_diffusion.yaml: family: .* mean diffusion",
        ),
        (
            "models/vp_diffusion.yaml",
            lambda c: c["path"].update(kind="straight"),
            "vp_diffusion.yaml: path.kind: expected one of variance_exploding",
        ),
    ],
)
def test_a_fault_is_one_line_with_file_key_and_expectation(load, edit, file, change, words):
    edit(file, change)
    with pytest.raises(InputError, match=words) as caught:
        load()
    assert file in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("experiment", "change", "words"),
    [
        (
            "phi4_critical",
            {"models": [{"name": "ve_diffusion", "generation": {"solver": "metropolis"}}]},
            "solver",
        ),
        (
            "phi4_quench",
            {
                "models": [
                    {
                        "name": "ve_diffusion",
                        "family": "short_waves",
                        "long_waves": 8,
                        "corrected": False,
                        "generation": {"solver": "euler_maruyama"},
                    }
                ]
            },
            "solver: expected latent_flow .noise spares",
        ),
        (
            "complex_quartic",
            {"models": [{"name": "score", "generation": {"solver": "metropolis"}}]},
            "solver",
        ),
        (
            "complex_quartic",
            {"models": [{"name": "energy", "corrected": True}]},
            "corrected: expected False .there is no",
        ),
        (
            "complex_quartic",
            {"models": ["score", "metropolis_energy"]},
            "metropolis_energy.weights_of: expected a model that this experiment trains, got energy",
        ),
        (
            "complex_quartic",
            {"models": ["energy", {"name": "metropolis_energy", "network": {"channels": 8}}]},
            "metropolis_energy.network: expected the same as of energy",
        ),
        (
            "complex_quartic",
            {"models": ["energy", {"name": "score", "weights_of": "energy"}]},
            "score.weights_of: expected a line of config/models/score.yaml",
        ),
        ("complex_quartic", {"system": {"kind": "complex_action", "a": 0.0, "b": 1.0}}, "system.a"),
        (
            "two_peak",
            {"models": ["heidi"]},
            "laptop.models.0.family: expected a family that learns fields, got heidi, which learns events",
        ),
        (
            "au_au_central",
            {"models": ["heidi", "vp_diffusion"]},
            "laptop.models.1.family: expected a family that learns events, got diffusion, which learns fields",
        ),
        (
            "au_au_central",
            {"models": [{"name": "heidi", "network": {"chanels": 3}}]},
            "network.chanels: .* mean channels",
        ),
        (
            "au_au_central",
            {"models": [{"name": "heidi_baseline", "network": {"latent": 3}}]},
            "network.latent: expected",
        ),
        (
            "au_au_central",
            {"models": [{"name": "heidi", "margin": -0.1}]},
            "margin: expected at least 0 .slots",
        ),
        (
            "au_au_central",
            {"models": [{"name": "heidi", "corrected": True}]},
            "corrected: expected False .there is no",
        ),
        (
            "au_au_central",
            {"models": [{"name": "heidi", "generation": {"solver": "latent_flow"}}]},
            "generation.solver: .*the unknown key solver",
        ),
        (
            "au_au_central",
            {"models": [{"name": "heidi", "path": {"kind": "linear_interpolant"}}]},
            "path: .*unknown key",
        ),
        (
            "au_au_central",
            {"models": [{"name": "heidi_baseline", "generation": {"unprojected": 8}}]},
            "generation.unprojected: .*the unknown key unprojected",
        ),
        (
            "phi4_critical",
            {"models": [{"name": "ve_diffusion", "generation": {"unprojected": 8}}]},
            "generation.unprojected: .*the unknown key unprojected",
        ),
        (
            "phi4_critical",
            {"conditions": {"impact": [1.0]}},
            "conditions.impact: .*the unknown key impact",
        ),
        (
            "phi4_critical",
            {"conditions": {"kappa": [0.2]}},
            "family: expected a family that takes the condition kappa, got diffusion",
        ),
        (
            "phi4_line_20",
            {"models": [{"name": "ridge_flow", "conditions": {"beta": [1.0]}}]},
            "conditions.beta: .*the unknown key beta",
        ),
        ("au_au_impact", {"conditions": {"impact": []}}, "conditions.impact: expected at least"),
        (
            "bose_gas",
            {"models": ["energy"]},
            "models.0.family: expected a family for a system that offers complexified, got energy, which requires plane",
        ),
        (
            "bose_gas",
            {"system": {"kind": "bose_gas", "mass": 1.0, "lambda": 1.0, "shape": [4], "mu": []}},
            "mu",
        ),
        (
            "au_au_central",
            {"system": {"projectile": [197, 97]}},
            r"au_au_central.yaml: scales.laptop.system.projectile: .*known nucleus, got \[197, 97\]",
        ),
        ("au_au_central", {"system": {"target": [0, 0]}}, r"system.target: expected \[mass number, charge\]"),
        ("au_au_central", {"system": {"energy": 0.1}}, "system.energy: expected a kinetic energy >= 0.26"),
        ("au_au_central", {"system": {"impact": [16.0, 20.0]}}, "system.impact: .* at most 15.3 where"),
        (
            "xy_transition",
            {"training": {"batch": 17}},
            r"xy_transition.yaml: scales.laptop.training.batch: expected a key that a model takes.*, got 17",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(load, edit, experiment, change, words):
    def changed(content):
        content.setdefault("scales", {}).setdefault("laptop", {}).update(change)

    edit(f"experiments/{experiment}.yaml", changed)
    with pytest.raises(InputError, match=words):
        load(experiment)


def test_unknown_names(config):
    with pytest.raises(
        InputError, match=r"config.yaml: scale: expected one of laptop, paper, smoke, tour, got huge"
    ):
        experiment_names(config, "all", "huge")
    with pytest.raises(InputError, match=r"experiments: .* mean phi4_critical"):
        experiment_names(config, ["phi4_critcal"], "laptop")
    assert experiment_names(config, "phi4_critical", "laptop") == ["phi4_critical"]


def test_an_experiment_joins_the_tour_in_its_own_file(config, load, edit):
    tour = experiment_names(config, "all", "tour")
    assert {"phi4_critical", "complex_quartic", "au_au_central", "linear_gaussian"} <= set(tour)
    shutil.copy(config / "experiments/two_peak.yaml", config / "experiments/mine.yaml")
    assert experiment_names(config, "all", "tour") == sorted([*tour, "mine"])
    edit("experiments/mine.yaml", lambda content: content["scales"].pop("tour"))
    assert experiment_names(config, "all", "tour") == tour
    assert all(load(name, "tour")["models"] for name in tour)


def test_one_file_is_an_experiment(config, load):
    text = (config / CRITICAL).read_text().replace("0.26,", "0.25,")
    (config / "experiments" / "mine.yaml").write_text(text)
    assert "mine" in experiment_names(config, "all", "laptop")
    assert load("mine")["system"]["kappa"] == 0.25


def test_one_file_is_a_scale(config, load):
    text = (config / "scales" / "laptop.yaml").read_text()
    (config / "scales" / "mine.yaml").write_text(f"{text}systems: {{phi4: {{shape: [12, 12]}}}}\n")
    assert load(scale="mine")["system"]["shape"] == [12, 12]


def test_sizes_of_a_system_are_blamed_on_the_file_that_set_them(config, load):
    text = (config / "scales" / "laptop.yaml").read_text()
    (config / "scales" / "mine.yaml").write_text(f"{text}systems: {{phi4: {{shap: [12, 12]}}}}\n")
    with pytest.raises(InputError, match=r"mine.yaml: system.shap: .* mean shape"):
        load(scale="mine")


def test_a_family_declares_itself(load, edit, monkeypatch, tmp_path):
    (tmp_path / "resampler.py").write_text("")
    monkeypatch.setattr("emulant.contracts.declaration.FAMILIES", tmp_path)
    model = {"name": "mine", "family": "resampler", "temperature": 2.0, "corrected": False}
    edit(CRITICAL, lambda content: content.update(models=[model]))
    with pytest.raises(InputError, match=r"resampler.yaml: file: .*no such file"):
        load()
    declaration = "needs: samples\nforms: [fields]\nproperties: {temperature: {type: number}}\n"
    (tmp_path / "resampler.yaml").write_text(declaration)
    declared_family.cache_clear()
    assert load()["models"]["mine"]["temperature"] == 2.0
    edit(CRITICAL, lambda content: content["models"][0].update(temprature=1.0))
    with pytest.raises(InputError, match=r"models.0.temprature: .* mean temperature"):
        load()


@pytest.mark.parametrize("hidden", ["._phi4_critical.yaml", ".#two_peak.yaml"])
def test_hidden_files_are_no_experiments(config, hidden):
    (config / "experiments" / hidden).write_bytes(b"\x00\x05\x16\x07")
    assert not [name for name in experiment_names(config, "all", "smoke") if name.startswith(".")]
    assert names_of_form(config, "fields")
