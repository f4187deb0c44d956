"""What the rules share: settings of the experiments, seeds, source digests, resources."""

import sys
from functools import cache

from emulant.configuration.damage import remake_damaged
from emulant.configuration.digest import source_digest
from emulant.configuration.experiments import (
    Overrides,
    check_overrides,
    experiment_names,
    load_experiment,
    names_of_kind,
    scales,
    sharing_models,
)
from emulant.configuration.gpu import fallback
from emulant.configuration.layers import Layer
from emulant.configuration.lock import claim
from emulant.configuration.schema import check
from emulant.configuration.seeds import job_seed
from emulant.configuration.summary import summary
from emulant.errors import InputError
from emulant.observables import PACKAGES
from emulant.storage.atomic import remove_leftovers
from emulant.systems import SYSTEMS

CONFIG = Path("config")
WRITTEN = [
    Path("results"),
    Path("checkpoints"),
    *(Path(".snakemake", name) for name in ("checksums", "incomplete", "owners")),
]
CONFIG_FILE = Path((workflow.overwrite_configfiles or workflow.configfiles)[-1])
SCHEMAS = Path(workflow.basedir) / "workflow" / "schemas"
EXPERIMENTS = {}
OBSERVABLES = [f"{package}.*" for package in PACKAGES]


def settings_of(experiment, scale):
    """The merged, checked settings of an experiment at a scale, each read once; one line where they are wrong."""
    if (experiment, scale) not in EXPERIMENTS:
        schema = SCHEMAS / "experiment.schema.yaml"
        overrides = Overrides(config.get("override") or {}, CONFIG_FILE)
        try:
            settings = load_experiment(CONFIG, experiment, scale, schema, overrides)
        except InputError as error:
            sys.exit(f"Error: {error}")
        EXPERIMENTS[experiment, scale] = settings
    return EXPERIMENTS[experiment, scale]


@cache
def experiments_of(scale):
    """Names of the experiments to run at a scale; resources of every job ask for them."""
    return experiment_names(CONFIG, config["experiments"], scale, CONFIG_FILE)


def check_everything():
    """Every setting of the scale, before any job starts."""
    try:
        schema = SCHEMAS / "config.schema.yaml"
        check(dict(config), schema, [Layer(CONFIG_FILE, dict(config))])
        names = experiments_of(config["scale"])
        check_overrides(CONFIG, config.get("override") or {}, CONFIG_FILE)
    except InputError as error:
        sys.exit(f"Error: {error}")
    for name in names:
        settings_of(name, config["scale"])


def system_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["system"]


def reference_of(wildcards):
    """The reference block with the number of samples, and the impact parameters, of this role alone."""
    block = dict(settings_of(wildcards.experiment, wildcards.scale)["reference"])
    training = {"samples": block.pop("training_samples")}
    if "training_impacts" in block:
        training["impacts"] = block.pop("training_impacts")
    for name in ("scan", "shard"):
        block.pop(name, None)
    return {**block, **training} if wildcards.role == "training" else block


def shard_size(wildcards):
    """Events that one job of UrQMD makes; what it makes does not depend on it."""
    block = settings_of(wildcards.experiment, wildcards.scale)["reference"]
    return block.get("shard", 100)


def shards_of_reference(wildcards):
    """Everything that the jobs of UrQMD leave: particles, facts and cost of each shard; nothing of other samplers."""
    reference = reference_of(wildcards)
    if reference["sampler"] != "urqmd":
        return {"shards": [], "facts": [], "costs": []}
    folder = f"results/{wildcards.scale}/{wildcards.experiment}/shards/{wildcards.role}"
    numbers = range(-(-reference["samples"] // shard_size(wildcards)))
    suffixes = {"shards": "parquet", "facts": "events.parquet", "costs": "json"}
    return {
        name: [f"{folder}.{number}.{suffix}" for number in numbers]
        for name, suffix in suffixes.items()
    }


def scan_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["reference"]["scan"]


def settings_with_reference(wildcards):
    """Settings of all references of a scale, which ask for the same: a job array asks once for all its tasks."""
    names = {*experiments_of(wildcards.scale), wildcards.experiment}
    return [settings_of(name, wildcards.scale) for name in sorted(names)]


def gpu_of_references(wildcards):
    """Torch alone can use them."""
    asked = [
        settings["job"]["gpus"]
        for settings in settings_with_reference(wildcards)
        if settings["reference"].get("backend") == "torch"
    ]
    return max(asked, default=0)


def memory_of_references(wildcards, attempt):
    asked = (
        settings["job"]["mem_mb"] for settings in settings_with_reference(wildcards)
    )
    return max(asked) * attempt


def minutes_of_references(wildcards, attempt):
    asked = (
        settings["job"]["minutes"] for settings in settings_with_reference(wildcards)
    )
    return max(asked) * attempt


def file_of_reference(wildcards):
    """The file that a user brings, if any."""
    block = settings_of(wildcards.experiment, wildcards.scale)["reference"]
    return [block["file"]] if block["sampler"] == "file" else []


def correction_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["correction"]


def observables_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale).get("observables")


def model_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    if wildcards.model not in models:
        sys.exit(
            f"Error: {wildcards.experiment} has no model {wildcards.model} at scale"
            f" {wildcards.scale}; it has {', '.join(models)}"
        )
    return models[wildcards.model]


def trained_with(name):
    """A function of the wildcards: a file of the model whose weights a model takes."""

    def file(wildcards):
        folder = f"results/{wildcards.scale}/{wildcards.experiment}"
        owner = model_of(wildcards)["weights_of"]
        return f"{folder}/{name.format(model=owner)}"

    return file


def models_of(wildcards):
    return list(settings_of(wildcards.experiment, wildcards.scale)["models"])


def yardsticks_of(wildcards):
    """Sources that are not judged."""
    settings = settings_of(wildcards.experiment, wildcards.scale)
    models = settings["models"]
    names = [name for name, model in models.items() if model.get("yardstick")]
    names += [f"{model}_unprojected" for model in unprojected_models_of(wildcards)]
    # Training events at other impact parameters than the reference's have other means.
    return names + ["training"] * ("training_impacts" in settings["reference"])


def corrected_models_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    return [name for name, model in models.items() if model["corrected"]]


def unprojected_models_of(wildcards):
    """Models some of whose events are also made without their last step, the projection on exact sums."""
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    return [
        name for name, model in models.items() if model["generation"].get("unprojected")
    ]


def paths_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    return {
        name: model["path"]
        for name, model in models.items()
        if "path" in model and not model.get("yardstick")
    }


def seed_of(rule_name, *without):
    """A function of the wildcards: the seed of the rule's job, the same for all values of the wildcards `without`."""

    def seed(wildcards):
        identity = (
            f"{key}={value}"
            for key, value in sorted(wildcards.items())
            if key not in without
        )
        return job_seed(config["seed"], rule_name, *identity)

    return seed


def code_of(script, *more, system=False, family=False):
    """A function of the wildcards: digest of all sources of emulant that the job uses.

    `more` names what the script finds by name when it runs; `system` adds the experiment's own system, `family`
    the model's own family.
    """

    def code(wildcards):
        entries = [script, *more]
        if system:
            entries.append(SYSTEMS[system_of(wildcards)["kind"]].split(":")[0])
        if family:
            entries.append(f"emulant.models.{model_of(wildcards)['family']}")
        return source_digest(*entries)

    return code


def job_of(wildcards):
    """What one job asks of the machine, at this scale."""
    experiment = (
        getattr(wildcards, "experiment", None) or experiments_of(wildcards.scale)[0]
    )
    return settings_of(experiment, wildcards.scale)["job"]


def gpus_of_training(wildcards):
    """One for each part of a batch, where the scale has GPUs at all."""
    devices = model_of(wildcards)["training"].get("devices", 1)
    return devices * min(1, job_of(wildcards)["gpus"])


def gpus(wildcards):
    return job_of(wildcards)["gpus"]


def memory(wildcards, attempt):
    return job_of(wildcards)["mem_mb"] * attempt


def minutes(wildcards, attempt):
    return job_of(wildcards)["minutes"] * attempt


def of_events(wildcards):
    return system_of(wildcards)["kind"] == "collision"


def suffix_of(wildcards):
    """Of files of samples: events are Parquet, fields HDF5."""
    return "parquet" if of_events(wildcards) else "h5"


def training_of(wildcards):
    return f"results/{wildcards.scale}/{wildcards.experiment}/training.{suffix_of(wildcards)}"


def ensembles_of(wildcards):
    """Files of all ensembles of an experiment by source."""
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    suffix = suffix_of(wildcards)
    files = {"reference": f"{folder}/reference.{suffix}"}
    if models_of(wildcards):
        files["training"] = f"{folder}/training.{suffix}"
    for model in models_of(wildcards):
        files[model] = f"{folder}/{model}/ensemble.{suffix}"
    for model in corrected_models_of(wildcards):
        for correction in ("metropolis", "weighted"):
            files[f"{model}_{correction}"] = (
                f"{folder}/{model}/ensemble_{correction}.h5"
            )
    for model in unprojected_models_of(wildcards):
        files[f"{model}_unprojected"] = (
            f"{folder}/{model}/ensemble_unprojected.{suffix}"
        )
    return files


def sources_of_experiment(wildcards):
    return list(ensembles_of(wildcards))


def experiments_of_kind(kind):
    """A pattern of the names of all experiments of one kind of system; it matches nothing where there is none."""
    return "|".join(names_of_kind(CONFIG, kind)) or "(?!)"


def experiments_but_of_kind(kind):
    """A pattern of the names of all others."""
    return rf"(?!(?:{experiments_of_kind(kind)})/)\w+"


def planar(wildcards):
    """Whether configurations are points of the plane, which have a density on a grid."""
    return system_of(wildcards)["kind"] in ("planar_peaks", "complex_action")


def exact_of(wildcards):
    """A table of values that need a simulation of their own to be exact, if any."""
    if system_of(wildcards)["kind"] != "bose_gas":
        return []
    return [f"results/{wildcards.scale}/{wildcards.experiment}/silver_blaze.csv"]


def generated_by_models(wildcards):
    """Raw ensembles and weights of the models of an experiment."""
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    return [
        f"{folder}/{model}/{file}"
        for model in models_of(wildcards)
        for file in ("ensemble.h5", "weights.safetensors", "model.json")
    ]


def shown_by_figures(wildcards):
    """Everything that the figures of an experiment are drawn from."""
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    files = [
        f"{folder}/{name}.csv"
        for name in ("observables", "comparison", "verdict", "distributions", "forward")
    ]
    files += list(ensembles_of(wildcards).values())
    names = ("training",) if of_events(wildcards) else ("training", "trajectory")
    files += [
        f"{folder}/{model}/{name}.csv"
        for model in models_of(wildcards)
        for name in names
    ]
    files += [
        f"{folder}/{model}/likelihood.csv" for model in corrected_models_of(wildcards)
    ]
    files += exact_of(wildcards)
    if planar(wildcards):
        files += [f"{folder}/density.csv", f"{folder}/density.json"]
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


def stages_of(model):
    """The jobs of a model, by its settings, that leave a record of their cost."""
    stages = ["train", "generate"]
    stages += ["correct"] if model["corrected"] else []
    return stages + (["unprojected"] if model["generation"].get("unprojected") else [])


def costs_at(wildcards):
    """What every job of the scale cost: the records of each experiment by name."""
    files = []
    for experiment in experiments_of(wildcards.scale):
        models = settings_of(experiment, wildcards.scale)["models"]
        names = ["reference", "training"] if models else ["reference"]
        for model, settings in models.items():
            names += [f"{model}.{stage}" for stage in stages_of(settings)]
        files += sorted(
            f"results/{wildcards.scale}/{experiment}/cost/{name}.json" for name in names
        )
    return files


def sources_at(wildcards):
    """The settings of every experiment, for the report's provenance."""
    return {
        name: settings_of(name, wildcards.scale)
        for name in experiments_of(wildcards.scale)
    }


def warn(words):
    """One line in the terminal, if there is something to say."""
    if words:
        print(words, file=sys.stderr)


def print_summary():
    table = Path(f"results/{config['scale']}/verdict.csv")
    if table.exists():
        print(summary(table, table.with_name("report.html")))


check_everything()
if workflow.is_main_process:
    # Whoever else works here may be writing just now.
    if not claim(Path(".snakemake")):
        for folder in WRITTEN:
            remove_leftovers(folder)
        for damaged in remake_damaged(Path(".snakemake")):
            warn(f"{damaged} is damaged, it is made again.")
    warn(fallback(EXPERIMENTS.values(), config["scale"]))


wildcard_constraints:
    scale="|".join(scales(CONFIG)),
    experiment=r"\w+",
    model=r"\w+",
    role="reference|training",
    shard=r"\d+",
