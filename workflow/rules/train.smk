rule train:
    input:
        training=training_of,
    output:
        weights="results/{scale}/{experiment}/{model}/weights.safetensors",
        model="results/{scale}/{experiment}/{model}/model.json",
        curve="results/{scale}/{experiment}/{model}/training.csv",
        cost="results/{scale}/{experiment}/cost/{model}.train.json",
    log:
        "logs/{scale}/{experiment}/{model}.train.log",
    benchmark:
        "timings/{scale}/{experiment}/{model}.train.tsv"
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
        code=code_of("train.py", system=True, family=True),
        checkpoint="checkpoints/{scale}/{experiment}/{model}.safetensors",
    script:
        "../scripts/train.py"
