SHARING = "|".join(map(re.escape, sharing_models(CONFIG))) or "(?!)"


rule train:
    """Train a model."""
    input:
        training=training_of,
        companions=companions_of_training,
        start=weights_to_start_from,
    output:
        weights="results/{scale}/{experiment}/{model}/weights.safetensors",
        model="results/{scale}/{experiment}/{model}/model.json",
        curve="results/{scale}/{experiment}/{model}/training.csv",
        cost="results/{scale}/{experiment}/cost/{model}.train.json",
    log:
        "logs/{scale}/{experiment}/{model}.train.log",
    benchmark:
        "timings/{scale}/{experiment}/{model}.train.tsv"
    wildcard_constraints:
        model=rf"(?!(?:{SHARING})(?:/|\.train\.json$)){NAME}",
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=gpus_of_training,
        mem_mb=memory,
        runtime=minutes,
    params:
        system=system_of,
        settings=model_of,
        seed=seed_of("train"),
        code=code_of("train.py", "system", "form", "family"),
        checkpoint="checkpoints/{scale}/{experiment}/{model}.safetensors",
    script:
        "../scripts/train.py"


# A model may sample otherwise from the weights of another.
rule share:
    """Take the weights of another model, which samples otherwise."""
    input:
        trained=trained_model,
    output:
        weights="results/{scale}/{experiment}/{model}/weights.safetensors",
        model="results/{scale}/{experiment}/{model}/model.json",
        curve="results/{scale}/{experiment}/{model}/training.csv",
        cost="results/{scale}/{experiment}/cost/{model}.train.json",
    log:
        "logs/{scale}/{experiment}/{model}.train.log",
    benchmark:
        "timings/{scale}/{experiment}/{model}.train.tsv"
    wildcard_constraints:
        model=SHARING,
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        settings=model_of,
        code=code_of("share.py"),
    script:
        "../scripts/share.py"
