PARTS = [
    "front.html.jinja",
    "experiment.html.jinja",
    "macros.html.jinja",
    "report.js",
    "style.css",
]


rule figures:
    """Draw every figure of an experiment."""
    input:
        shown_by_figures,
        ensembles=ensembles_of,
        companions=companions_of,
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
        system=system_of,
        sources=sources_of,
        looks=looks_of,
        code=code_of("figures.py", "system", "figures", "observables", "form"),
    script:
        "../scripts/figures.py"


rule ledger:
    """Gather verdicts, comparisons and costs of the experiments of a page."""
    input:
        comparisons=of_all_experiments("comparison.csv"),
        verdicts=of_all_experiments("verdict.csv"),
        costs=costs_at,
    output:
        comparison="results/{scale}{page}/comparison.csv",
        parquet="results/{scale}{page}/comparison.parquet",
        verdict="results/{scale}{page}/verdict.csv",
        cost="results/{scale}{page}/cost.csv",
    log:
        "logs/{scale}{page}/ledger.log",
    benchmark:
        "timings/{scale}{page}/ledger.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        code=source_digest("ledger.py"),
    script:
        "../scripts/ledger.py"


rule report:
    """Write the page of the experiments."""
    input:
        of_all_experiments("figures/index.json"),
        shown=shown_at,
        costs=costs_at,
        comparison="results/{scale}{page}/comparison.csv",
        verdict="results/{scale}{page}/verdict.csv",
        cost="results/{scale}{page}/cost.csv",
        template="workflow/report/report.html.jinja",
        parts=[f"workflow/report/{part}" for part in PARTS],
    output:
        report="results/{scale}{page}/report.html",
    log:
        "logs/{scale}{page}/report.log",
    benchmark:
        "timings/{scale}{page}/report.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        folder=folder_of_scale,
        settings=settings_at,
        ensembles=ensembles_at,
        looks=looks_at,
        seed=config["seed"],
        code=code_of_report,
    script:
        "../scripts/report.py"
