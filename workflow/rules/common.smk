"""What the rules share: settings of the experiments, seeds, source digests, resources."""

import sys

from emulant.configuration.digest import source_digest
from emulant.configuration.experiments import experiment_names, load_experiment
from emulant.configuration.seeds import job_seed
from emulant.configuration.summary import summary
from emulant.errors import InputError
from emulant.systems import SYSTEMS

ROOT = Path(workflow.basedir)
EXPERIMENTS = {}


def settings_of(experiment, scale):
    """The merged, checked settings of an experiment at a scale, each read once."""
    if (experiment, scale) not in EXPERIMENTS:
        schema = ROOT / "workflow" / "schemas" / "experiment.schema.yaml"
        EXPERIMENTS[experiment, scale] = load_experiment(Path("config"), experiment, scale, schema)
    return EXPERIMENTS[experiment, scale]


def experiments_of(scale):
    """Names of the experiments to run at a scale, every one checked."""
    names = experiment_names(Path("config"), config["experiments"], scale)
    for name in names:
        settings_of(name, scale)
    return names


def stop_on_bad_config():
    """Check everything before any job starts; one line, not a traceback."""
    try:
        experiments_of(config["scale"])
    except InputError as error:
        sys.exit(f"Error: {error}")


def models_of(wildcards):
    return list(settings_of(wildcards.experiment, wildcards.scale)["models"])


def yardsticks_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    return [name for name, model in models.items() if model.get("yardstick")]


def corrected_models_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    return [name for name, model in models.items() if model["family"] == "diffusion"]


def system_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["system"]


def reference_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["reference"]


def correction_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["correction"]


def model_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["models"][wildcards.model]


def seed_of(*words):
    """A function of the wildcards: the seed of the job named by `words` and its wildcards."""

    def seed(wildcards):
        return job_seed(config["seed"], *words, *(f"{key}={value}" for key, value in sorted(wildcards.items())))

    return seed


def system_code(*entries):
    """A function of the wildcards: digest of `entries` and of the experiment's own system."""

    def code(wildcards):
        return source_digest(*entries, SYSTEMS[system_of(wildcards)["kind"]].split(":")[0])

    return code


def family_code(*entries):
    """A function of the wildcards: digest of `entries` and of the model's own family."""

    def code(wildcards):
        return source_digest(*entries, f"emulant.models.{model_of(wildcards)['family']}")

    return code


def gpus(wildcards):
    """Paper-scale learning asks for a GPU for each device; the others run on the CPU."""
    return model_of(wildcards)["training"].get("devices", 1) if wildcards.scale == "paper" else 0


def memory(wildcards, attempt):
    return {"smoke": 1500, "laptop": 3000, "paper": 16000}[wildcards.scale] * attempt


def minutes(wildcards, attempt):
    return {"smoke": 10, "laptop": 30, "paper": 600}[wildcards.scale] * attempt


def print_summary():
    table = Path(f"results/{config['scale']}/verdict.csv")
    if table.exists():
        print(summary(table, table.with_name("report.html")))


stop_on_bad_config()


wildcard_constraints:
    scale="smoke|laptop|paper",
    experiment=r"\w+",
    model=r"\w+",
    role="reference|training",
