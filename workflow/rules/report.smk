def shown_by_figures(wildcards):
    """Everything that the figures of an experiment are drawn from."""
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    files = [f"{folder}/{name}.csv" for name in ("observables", "comparison", "verdict", "distributions", "forward")]
    files += list(ensembles_of(wildcards).values())
    files += [f"{folder}/{model}/{name}.csv" for model in models_of(wildcards) for name in ("training", "trajectory")]
    files += [f"{folder}/{model}/likelihood.csv" for model in corrected_models_of(wildcards)]
    if system_of(wildcards)["kind"] == "quartic_well":
        files += [f"{folder}/{model}/effective_action.csv" for model in models_of(wildcards)]
    return files


def experiments_at(wildcards):
    return experiments_of(wildcards.scale)


def of_all_experiments(name):
    """A function of the wildcards: the file `name` of every experiment of the scale."""

    def files(wildcards):
        return [f"results/{wildcards.scale}/{experiment}/{name}" for experiment in experiments_of(wildcards.scale)]

    return files


def sources_at(wildcards):
    """The system, models and corrections of every experiment, for the report's provenance."""
    return {name: settings_of(name, wildcards.scale) for name in experiments_of(wildcards.scale)}


rule figures:
    input:
        shown_by_figures,
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
        system=system_of,
        code=source_digest("emulant.plots"),
    script:
        "../scripts/figures.py"


rule ledger:
    input:
        of_all_experiments("comparison.csv"),
        of_all_experiments("verdict.csv"),
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
        code=source_digest("emulant.judging.ledger"),
    script:
        "../scripts/ledger.py"


rule report:
    input:
        of_all_experiments("figures/index.json"),
        comparison="results/{scale}/comparison.csv",
        verdict="results/{scale}/verdict.csv",
        cost="results/{scale}/cost.csv",
        template="workflow/report/report.html.jinja",
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
        code=source_digest("emulant.plots"),
    script:
        "../scripts/report.py"
