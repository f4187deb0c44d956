rule compare:
    """Hold every source against the reference, exact values and published ones: pulls and verdicts."""
    input:
        ensembles=ensembles_of,
        companions=companions_of,
        observables="results/{scale}/{experiment}/observables.csv",
        jackknife="results/{scale}/{experiment}/observables.jackknife.h5",
        published=published_of,
        exact=exact_of,
    output:
        comparison="results/{scale}/{experiment}/comparison.csv",
        parquet="results/{scale}/{experiment}/comparison.parquet",
        verdict="results/{scale}/{experiment}/verdict.csv",
        two_sample="results/{scale}/{experiment}/two_sample.csv",
    log:
        "logs/{scale}/{experiment}/compare.log",
    benchmark:
        "timings/{scale}/{experiment}/compare.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        system=system_of,
        sources=sources_of,
        yardsticks=yardsticks_of,
        unlearned=unlearned_at,
        seed=seed_of("compare"),
        code=code_of("compare.py", "system", "observables", "form", "two_sample"),
    script:
        "../scripts/compare.py"
