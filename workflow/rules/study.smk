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
    return {
        "reference": [plan.samples("reference")] if study.get("reference") else [],
        "ensembles": [plan.samples(f"{m}/ensemble") for m in models if everyone],
        "weights": [f"{plan.folder}/{m}/weights.safetensors" for m in models],
        "records": [f"{plan.folder}/{m}/model.json" for m in models],
    }


def name_of_study(wildcards):
    return study_of(wildcards)[0]


def settings_of_study(wildcards):
    return plan_of(wildcards).study_settings(*study_of(wildcards))


def seed_of_study(wildcards):
    return seed_of(name_of_study(wildcards), "study")(wildcards)


rule study:
    input:
        unpack(inputs_of_study),
    output:
        table="results/{scale}/{experiment}/{study}.csv",
        record="results/{scale}/{experiment}/{study}.json",
    log:
        "logs/{scale}/{experiment}/{study}.log",
    benchmark:
        "timings/{scale}/{experiment}/{study}.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        name=name_of_study,
        models=models_of_study,
        system=system_of,
        settings=settings_of_study,
        seed=seed_of_study,
        code=code_of("study.py", "system", "studies", "form", "families"),
    script:
        "../scripts/study.py"
