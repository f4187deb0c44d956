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
        EXPERIMENTS[experiment, scale] = load_experiment(
            Path("config"), experiment, scale, schema
        )
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
        return job_seed(
            config["seed"],
            *words,
            *(f"{key}={value}" for key, value in sorted(wildcards.items())),
        )

    return seed


def system_code(*entries):
    """A function of the wildcards: digest of `entries` and of the experiment's own system."""

    def code(wildcards):
        return source_digest(
            *entries, SYSTEMS[system_of(wildcards)["kind"]].split(":")[0]
        )

    return code


def family_code(*entries):
    """A function of the wildcards: digest of `entries` and of the model's own family."""

    def code(wildcards):
        return source_digest(
            *entries, f"emulant.models.{model_of(wildcards)['family']}"
        )

    return code


def gpus(wildcards):
    """Paper-scale learning asks for a GPU for each device; the others run on the CPU."""
    return (
        model_of(wildcards)["training"].get("devices", 1)
        if wildcards.scale == "paper"
        else 0
    )


def memory(wildcards, attempt):
    return {"smoke": 1500, "laptop": 3000, "paper": 16000}[wildcards.scale] * attempt


def minutes(wildcards, attempt):
    return {"smoke": 10, "laptop": 30, "paper": 600}[wildcards.scale] * attempt


def ensembles_of(wildcards):
    """Files of all ensembles of an experiment by source."""
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    files = {"reference": f"{folder}/reference.h5", "training": f"{folder}/training.h5"}
    for model in models_of(wildcards):
        files[model] = f"{folder}/{model}/ensemble.h5"
    for model in corrected_models_of(wildcards):
        for correction in ("metropolis", "weighted"):
            files[f"{model}_{correction}"] = (
                f"{folder}/{model}/ensemble_{correction}.h5"
            )
    return files


def sources_of_experiment(wildcards):
    return list(ensembles_of(wildcards))


def paths_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    return {name: models[name]["path"] for name in corrected_models_of(wildcards)}


def shown_by_figures(wildcards):
    """Everything that the figures of an experiment are drawn from."""
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    files = [
        f"{folder}/{name}.csv"
        for name in ("observables", "comparison", "verdict", "distributions", "forward")
    ]
    files += list(ensembles_of(wildcards).values())
    files += [
        f"{folder}/{model}/{name}.csv"
        for model in models_of(wildcards)
        for name in ("training", "trajectory")
    ]
    files += [
        f"{folder}/{model}/likelihood.csv" for model in corrected_models_of(wildcards)
    ]
    if system_of(wildcards)["kind"] == "quartic_well":
        files += [
            f"{folder}/{model}/effective_action.csv" for model in models_of(wildcards)
        ]
    return files


def experiments_at(wildcards):
    return experiments_of(wildcards.scale)


def of_all_experiments(name):
    """A function of the wildcards: the file `name` of every experiment of the scale."""

    def files(wildcards):
        return [
            f"results/{wildcards.scale}/{experiment}/{name}"
            for experiment in experiments_of(wildcards.scale)
        ]

    return files


def sources_at(wildcards):
    """The system, models and corrections of every experiment, for the report's provenance."""
    return {
        name: settings_of(name, wildcards.scale)
        for name in experiments_of(wildcards.scale)
    }


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
