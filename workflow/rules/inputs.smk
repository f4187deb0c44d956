"""What the rules of each stage read, as functions of their wildcards."""


def block_of_reference(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["reference"]


def reference_of(wildcards):
    """The reference block with the number of samples, and the conditions, of this role alone."""
    settings = settings_of(wildcards.experiment, wildcards.scale)
    block = dict(settings["reference"])
    training = {"samples": block.pop("training_samples")}
    if "conditions" in settings:
        training["conditions"] = settings["conditions"]
    block.pop("shard", None)
    return {**block, **training} if wildcards.role == "training" else block


def shard_size(wildcards):
    """Samples that one job makes, or 0 where a single job makes all; what they are does not depend on it."""
    block = block_of_reference(wildcards)
    samplers = declared_system(system_of(wildcards)["kind"])["samplers"]
    keys = samplers[block["sampler"]].get("properties", {})
    return block.get("shard", keys.get("shard", {}).get("default", 0))


def shards_of_reference(wildcards):
    """Everything that the jobs of shards leave: samples, what lies beside them, and the cost of each."""
    size, form = shard_size(wildcards), declared_form(plan_of(wildcards).form)
    numbers = range(-(-reference_of(wildcards)["samples"] // size)) if size else []
    folder = f"results/{wildcards.scale}/{wildcards.experiment}/shards/{wildcards.role}"
    suffixes = {"shards": form["suffix"], **form["companions"], "costs": "json"}
    return {
        name: [f"{folder}.{number}.{suffix}" for number in numbers]
        for name, suffix in suffixes.items()
    }


def file_of_reference(wildcards):
    """The files that a user brings, if any, and what lies beside them."""
    block = block_of_reference(wildcards)
    files = [*files_of_reference(system_of(wildcards)["kind"], block).values()]
    return files + plan_of(wildcards).companions(files)


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


def training_of(wildcards):
    """The training ensemble, where the family needs one."""
    return plan_of(wildcards).training(wildcards.model)


def companions_of_training(wildcards):
    return plan_of(wildcards).companions(training_of(wildcards))


def weights_to_start_from(wildcards):
    """Weights of the model of another experiment that a training begins with, if any."""
    start = model_of(wildcards).get("starts_from")
    folder = f"results/{wildcards.scale}"
    return (
        [f"{folder}/{start['experiment']}/{start['model']}/weights.safetensors"]
        if start
        else []
    )


def trained_model(wildcards):
    """Weights, record, curve and cost of the model whose weights a model takes."""
    owner = model_of(wildcards)["weights_of"]
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    names = ("weights.safetensors", "model.json", "training.csv")
    return [
        *(f"{folder}/{owner}/{name}" for name in names),
        f"{folder}/cost/{owner}.train.json",
    ]


def gpus_of_training(wildcards):
    """One for each part of a batch, where the scale has GPUs at all."""
    devices = model_of(wildcards)["training"].get("devices", 1)
    return devices * min(1, job_of(wildcards)["gpus"])


def held_out_of(wildcards):
    """Pairs that no training saw, where a model makes outputs of given inputs."""
    return plan_of(wildcards).held_out(wildcards.model)


def companions_of_held_out(wildcards):
    return plan_of(wildcards).companions(held_out_of(wildcards))


def correction_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["correction"]


def corrected_files(form, correction):
    """The corrected ensemble and what lies beside it, by the name of the correction."""
    files = sample_files(form, f"{{model}}/ensemble_{correction}")
    return {
        (
            key.replace("ensemble", correction)
            if key == "ensemble"
            else f"{correction}_{key}"
        ): file
        for key, file in files.items()
    }


def study_of(wildcards):
    """Name and declaration of a study of this experiment."""
    studies = plan_of(wildcards).studies()
    if wildcards.study not in studies:
        sys.exit(
            f"Error: {wildcards.experiment} has no study {wildcards.study}; it has {', '.join(studies) or 'none'}"
        )
    return studies[wildcards.study]


def models_of_study(wildcards):
    """Names of the models that a study reads: its own, all, or none."""
    owner, _, name = wildcards.study.rpartition("/")
    if owner:
        return [owner]
    everyone = study_of(wildcards)[1].get("models") == "all"
    return list(plan_of(wildcards).models) if everyone else []


def inputs_of_study(wildcards):
    plan, models = plan_of(wildcards), models_of_study(wildcards)
    _, study = study_of(wildcards)
    everyone = study.get("models") == "all"
    reference = [plan.samples("reference")] if study.get("reference") else []
    ensembles = [plan.samples(f"{m}/ensemble") for m in models if everyone]
    corrected = plan.corrected() if study.get("corrections") else []
    return {
        "reference": reference,
        "ensembles": ensembles,
        "companions": plan.companions([*reference, *ensembles]),
        "corrections": [f"{plan.folder}/{m}/correction.json" for m in corrected],
        "weights": [f"{plan.folder}/{m}/weights.safetensors" for m in models],
        "records": [f"{plan.folder}/{m}/model.json" for m in models],
    }


def name_of_study(wildcards):
    return study_of(wildcards)[0]


def settings_of_study(wildcards):
    return plan_of(wildcards).study_settings(*study_of(wildcards))


def seed_of_study(wildcards):
    return seed_of(name_of_study(wildcards), "study")(wildcards)


def names_of_observables(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale).get("observables")


def paths_of(wildcards):
    return plan_of(wildcards).paths()


def yardsticks_of(wildcards):
    return [list(source) for source in plan_of(wildcards).yardsticks()]


def unlearned_at(wildcards):
    """The scale, where it is not meant to learn; empty where models are judged."""
    settings = settings_of(wildcards.experiment, wildcards.scale)
    return "" if settings.get("judged", True) else wildcards.scale


def published_of(wildcards):
    return [os.path.relpath(f) for f in published_tables(system_of(wildcards)["kind"])]


def exact_of(wildcards):
    """Tables of studies from which the system reads exact values."""
    return plan_of(wildcards).exact_tables()


def shown_by_figures(wildcards):
    """Everything that the figures of an experiment are drawn from, but for its ensembles."""
    plan = plan_of(wildcards)
    return [file for file in plan.shown() if file not in plan.ensembles().values()]


def settings_at(wildcards):
    """The settings of every experiment of the page, for the report's provenance."""
    return {
        name: settings_of(name, wildcards.scale)
        for name in experiments_of_page(wildcards.scale, wildcards.page)
    }


def looks_of(wildcards):
    """Colours and markers of the models of an experiment."""
    models = {source.model for source in plan_of(wildcards).ensembles()}
    return {name: look for name, look in looks_of_models().items() if name in models}


def looks_at(wildcards):
    """Colours and markers of the models of the page."""
    models = {
        source.model
        for plan in plans_at(wildcards).values()
        for source in plan.ensembles()
    }
    return {name: look for name, look in looks_of_models().items() if name in models}


def plans_at(wildcards):
    """Sources, studies and files of every experiment."""
    return {
        name: Plan(settings, f"results/{wildcards.scale}/{name}")
        for name, settings in settings_at(wildcards).items()
    }


def folder_of_scale(wildcards):
    """Where the folders of all experiments of the page lie."""
    return f"results/{wildcards.scale}"


def shown_at(wildcards):
    """Every file that the sections of the report read."""
    return [
        file
        for plan in plans_at(wildcards).values()
        for file in (*plan.shown(), *plan.companions(plan.ensembles().values()))
    ]


def costs_at(wildcards):
    """Records of what every job of the scale cost."""
    return [file for plan in plans_at(wildcards).values() for file in plan.costs()]


def ensembles_at(wildcards):
    """Model, variant and file of every ensemble of every experiment."""
    return {
        name: [[*source, file] for source, file in plan.ensembles().items()]
        for name, plan in plans_at(wildcards).items()
    }


def code_of_report(wildcards):
    """Digest of the report's sources: symbols and samples are those of every experiment's system."""
    entries = {"report.py"}
    for plan in plans_at(wildcards).values():
        entries |= {f"{package}.*" for package in observable_packages(plan.kind)}
        entries |= {f"emulant.forms.{plan.form}", *modules_of(plan.kind, "system")}
        entries |= {*declarations_of(plan)}
        for model in plan.models.values():
            entries.add(str(declaration_of(FAMILIES, model["family"])))
    return source_digest(*sorted(entries))
