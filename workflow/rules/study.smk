rule study:
    """Make an extra table of a system or of a model."""
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
