rule measure:
    """Measure the observables of every source, with errors that know autocorrelation."""
    input:
        ensembles=ensembles_of,
        companions=companions_of,
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
        sources=sources_of,
        names=names_of_observables,
        paths=paths_of,
        seed=seed_of("measure"),
        code=code_of("measure.py", "system", "observables", "form"),
    script:
        "../scripts/measure.py"
