rule measure:
    input:
        unpack(ensembles_of),
    output:
        observables="results/{scale}/{experiment}/observables.csv",
        parquet="results/{scale}/{experiment}/observables.parquet",
        jackknife="results/{scale}/{experiment}/observables.jackknife.h5",
        distributions="results/{scale}/{experiment}/distributions.csv",
        forward="results/{scale}/{experiment}/forward.csv",
    log:
        "logs/{scale}/{experiment}/measure.log",
    benchmark:
        "timings/{scale}/{experiment}/measure.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        experiment="{experiment}",
        system=system_of,
        observables=observables_of,
        paths=paths_of,
        seed=seed_of("measure"),
        code=code_of("measure.py", *OBSERVABLES, system=True),
    script:
        "../scripts/measure.py"


rule density:
    input:
        generated_by_models,
        reference="results/{scale}/{experiment}/reference.h5",
    output:
        table="results/{scale}/{experiment}/density.csv",
        record="results/{scale}/{experiment}/density.json",
    log:
        "logs/{scale}/{experiment}/density.log",
    benchmark:
        "timings/{scale}/{experiment}/density.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        models=models_of,
        system=system_of,
        code=code_of(
            "density.py", "emulant.models.score", "emulant.models.energy", system=True
        ),
    script:
        "../scripts/density.py"
