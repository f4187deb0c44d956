PARTS = [
    "front.html.jinja",
    "experiment.html.jinja",
    "macros.html.jinja",
    "style.css",
]


rule figures:
    input:
        shown_by_figures,
        captions="workflow/report/captions.yaml",
    output:
        index="results/{scale}/{experiment}/figures/index.json",
    log:
        "logs/{scale}/{experiment}/figures.log",
    benchmark:
        "timings/{scale}/{experiment}/figures.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        models=models_of,
        code=code_of("figures.py", *OBSERVABLES, system=True),
    script:
        "../scripts/figures.py"


rule ledger:
    input:
        of_all_experiments("comparison.csv"),
        of_all_experiments("verdict.csv"),
        costs=costs_at,
    output:
        comparison="results/{scale}/comparison.csv",
        parquet="results/{scale}/comparison.parquet",
        verdict="results/{scale}/verdict.csv",
        cost="results/{scale}/cost.csv",
    log:
        "logs/{scale}/ledger.log",
    benchmark:
        "timings/{scale}/ledger.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        experiments=experiments_at,
        code=code_of("ledger.py"),
    script:
        "../scripts/ledger.py"


rule report:
    input:
        of_all_experiments("figures/index.json"),
        comparison="results/{scale}/comparison.csv",
        verdict="results/{scale}/verdict.csv",
        cost="results/{scale}/cost.csv",
        costs=costs_at,
        template="workflow/report/report.html.jinja",
        parts=[f"workflow/report/{part}" for part in PARTS],
    output:
        report="results/{scale}/report.html",
    log:
        "logs/{scale}/report.log",
    benchmark:
        "timings/{scale}/report.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        settings=sources_at,
        seed=config["seed"],
        code=code_of("report.py", *OBSERVABLES),
    script:
        "../scripts/report.py"
