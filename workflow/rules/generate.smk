rule generate:
    input:
        weights="results/{scale}/{experiment}/{model}/weights.safetensors",
        model="results/{scale}/{experiment}/{model}/model.json",
    output:
        ensemble="results/{scale}/{experiment}/{model}/ensemble.h5",
        trajectory="results/{scale}/{experiment}/{model}/trajectory.csv",
        cost="results/{scale}/{experiment}/cost/{model}.generate.json",
    log:
        "logs/{scale}/{experiment}/{model}.generate.log",
    benchmark:
        "timings/{scale}/{experiment}/{model}.generate.tsv"
    wildcard_constraints:
        experiment=experiments_but_of_kind("collision"),
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=gpus,
        mem_mb=memory,
        runtime=minutes,
    params:
        system=system_of,
        settings=model_of,
        seed=seed_of("generate"),
        code=code_of("generate.py", family=True),
    script:
        "../scripts/generate.py"


use rule generate as generate_events with:
    output:
        ensemble="results/{scale}/{experiment}/{model}/ensemble.parquet",
        facts="results/{scale}/{experiment}/{model}/ensemble.events.parquet",
        cost="results/{scale}/{experiment}/cost/{model}.generate.json",
    wildcard_constraints:
        experiment=experiments_of_kind("collision"),


use rule generate_events as generate_unprojected with:
    output:
        ensemble="results/{scale}/{experiment}/{model}/ensemble_unprojected.parquet",
        facts="results/{scale}/{experiment}/{model}/ensemble_unprojected.events.parquet",
        cost="results/{scale}/{experiment}/cost/{model}.unprojected.json",
    log:
        "logs/{scale}/{experiment}/{model}.unprojected.log",
    benchmark:
        "timings/{scale}/{experiment}/{model}.unprojected.tsv"
    params:
        unprojected=True,


rule correct:
    input:
        weights="results/{scale}/{experiment}/{model}/weights.safetensors",
        model="results/{scale}/{experiment}/{model}/model.json",
        ensemble="results/{scale}/{experiment}/{model}/ensemble.h5",
    output:
        metropolis="results/{scale}/{experiment}/{model}/ensemble_metropolis.h5",
        weighted="results/{scale}/{experiment}/{model}/ensemble_weighted.h5",
        likelihood="results/{scale}/{experiment}/{model}/likelihood.csv",
        record="results/{scale}/{experiment}/{model}/correction.json",
        cost="results/{scale}/{experiment}/cost/{model}.correct.json",
    log:
        "logs/{scale}/{experiment}/{model}.correct.log",
    benchmark:
        "timings/{scale}/{experiment}/{model}.correct.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=gpus,
        mem_mb=memory,
        runtime=minutes,
    params:
        system=system_of,
        correction=correction_of,
        seed=seed_of("correct"),
        code=code_of("correct.py", system=True, family=True),
    script:
        "../scripts/correct.py"


rule effective_action:
    input:
        weights="results/{scale}/{experiment}/{model}/weights.safetensors",
        model="results/{scale}/{experiment}/{model}/model.json",
    output:
        table="results/{scale}/{experiment}/{model}/effective_action.csv",
        record="results/{scale}/{experiment}/{model}/effective_action.json",
    log:
        "logs/{scale}/{experiment}/{model}.effective_action.log",
    benchmark:
        "timings/{scale}/{experiment}/{model}.effective_action.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        system=system_of,
        times=[0.1, 0.3, 0.5, 0.8],
        code=code_of("effective_action.py", system=True, family=True),
    script:
        "../scripts/effective_action.py"
