import pytest

from emulant.configuration.plan import Plan
from emulant.contracts.source import REFERENCE, TRAINING, Source


@pytest.fixture
def plan(load):
    def plan(name, scale="laptop"):
        return Plan(load(name, scale), f"results/{scale}/{name}")

    return plan


def test_a_source_is_a_model_and_a_variant(plan):
    files = plan("phi4_critical", "paper").ensembles()
    folder = "results/paper/phi4_critical"
    assert files[REFERENCE] == f"{folder}/reference.h5"
    assert files[Source("ve_diffusion", "training2")] == f"{folder}/ve_diffusion_training2/ensemble.h5"
    assert files[Source("ve_diffusion", "weighted")] == f"{folder}/ve_diffusion/ensemble_weighted.h5"
    raw = [source for source in files if source.variant == ""]
    assert raw == [REFERENCE, TRAINING, *map(Source, ("ve_diffusion", "vp_diffusion", "flow_matching"))]
    assert len(files) == 2 + 9 + 6


def test_variants_that_a_family_declares(plan):
    files = plan("au_au_central").ensembles()
    unprojected = Source("heidi", "unprojected")
    assert files[unprojected] == "results/laptop/au_au_central/heidi/ensemble_unprojected.parquet"
    assert unprojected in plan("au_au_central").yardsticks()
    assert Source("heidi", "training2") not in plan("au_au_central").ensembles()


def test_a_table_of_events_lies_beside_every_file_of_particles(plan):
    """A user's own Parquet too; their OSCAR, and fields, have nothing beside them."""
    events, fields = plan("surrogate_central"), plan("phi4_critical")
    assert events.companions(["mine.parquet", "x/y.z.parquet"]) == [
        "mine.events.parquet",
        "x/y.z.events.parquet",
    ]
    assert events.companions(["mine.oscar.gz"]) == []
    assert fields.companions(["mine.h5", *fields.ensembles().values()]) == []


def test_training_under_other_conditions_is_no_judge(plan):
    assert TRAINING in plan("au_au_impact", "paper").yardsticks()
    assert TRAINING not in plan("au_au_central").yardsticks()


def test_a_study_on_request_is_made_where_the_experiment_names_it(plan):
    assert "samplers" in plan("phi4_line_8").studies() and "samplers" not in plan("phi4_critical").studies()
    assert list(plan("phi4_line_20").studies()) == ["ridge_flow/weights"]


def test_a_study_belongs_to_the_experiment_or_to_each_model(plan):
    assert list(plan("complex_quartic").studies()) == ["density"]
    assert list(plan("complex_gaussian").studies()) == [
        "density",
        "score/pde_residual",
        "energy/pde_residual",
    ]
    assert list(plan("effective_action", "paper").studies())[:2] == [
        "ve_diffusion/effective_action",
        "ve_diffusion_training2/effective_action",
    ]
    silver = plan("bose_gas")
    assert silver.exact_tables() == ["results/laptop/bose_gas/silver_blaze.csv"]
    name, study = silver.studies()["silver_blaze"]
    assert silver.study_settings(name, study)["extents"] == [4, 16]
    name, study = plan("effective_action").studies()["ve_diffusion/effective_action"]
    assert plan("effective_action").study_settings(name, study) == {"times": [0.1, 0.3, 0.5, 0.8]}


def test_costs_are_declared_files_in_the_order_of_their_names(plan):
    costs = plan("phi4_symmetric").costs()
    assert costs == sorted(costs)
    names = [cost.rsplit("/", 1)[1] for cost in costs]
    assert "ve_baseline.correct.json" not in names
    assert {"reference.json", "training.json", "ve_diffusion.correct.json"} <= set(names)
    assert "heidi.unprojected.json" in {cost.rsplit("/", 1)[1] for cost in plan("au_au_central").costs()}


def test_without_models_there_is_no_training(plan):
    assert TRAINING not in plan("bose_gas").ensembles()
    assert not plan("bose_gas").trained_on_samples()
