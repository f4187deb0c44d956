rule silver_blaze:
    output:
        table="results/{scale}/{experiment}/silver_blaze.csv",
    log:
        "logs/{scale}/{experiment}/silver_blaze.log",
    benchmark:
        "timings/{scale}/{experiment}/silver_blaze.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        system=system_of,
        scan=scan_of,
        seed=seed_of("silver_blaze"),
        code=code_of("silver_blaze.py"),
    script:
        "../scripts/silver_blaze.py"
