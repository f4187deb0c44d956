PARTS = [
    "front.html.jinja",
    "experiment.html.jinja",
    "macros.html.jinja",
    "style.css",
]


def shown_by_figures(wildcards):
    """Everything that the figures of an experiment are drawn from, but for its ensembles."""
    plan = plan_of(wildcards)
    return [file for file in plan.shown() if file not in plan.ensembles().values()]


def settings_at(wildcards):
    """The settings of every experiment, for the report's provenance."""
    return {
        name: settings_of(name, wildcards.scale)
        for name in experiments_of(wildcards.scale)
    }


def plans_at(wildcards):
    """Sources, studies and files of every experiment."""
    return {
        name: Plan(settings, f"results/{wildcards.scale}/{name}")
        for name, settings in settings_at(wildcards).items()
    }


def shown_at(wildcards):
    """Every file that the sections of the report read."""
    return [file for plan in plans_at(wildcards).values() for file in plan.shown()]


def costs_at(wildcards):
    """Records of what every job of the scale cost."""
    return [file for plan in plans_at(wildcards).values() for file in plan.costs()]


def ensembles_at(wildcards):
    """Model, variant and file of every ensemble of every experiment."""
    return {
        name: [[*source, file] for source, file in plan.ensembles().items()]
        for name, plan in plans_at(wildcards).items()
    }


def code_of_report(wildcards):
    """Digest of the report's sources: symbols and samples are those of every experiment's system."""
    entries = {"report.py"}
    for plan in plans_at(wildcards).values():
        entries |= {f"{package}.*" for package in observable_packages(plan.kind)}
        entries |= {f"emulant.forms.{plan.form.name}", *modules_of(plan.kind, "system")}
    return source_digest(*sorted(entries))


rule figures:
    input:
        shown_by_figures,
        ensembles=ensembles_of,
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
        code=code_of("figures.py", "system", "figures", "observables", "form"),
    script:
        "../scripts/figures.py"


rule ledger:
    input:
        comparisons=of_all_experiments("comparison.csv"),
        verdicts=of_all_experiments("verdict.csv"),
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
        code=source_digest("ledger.py"),
    script:
        "../scripts/ledger.py"


rule report:
    input:
        of_all_experiments("figures/index.json"),
        shown=shown_at,
        costs=costs_at,
        comparison="results/{scale}/comparison.csv",
        verdict="results/{scale}/verdict.csv",
        cost="results/{scale}/cost.csv",
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
        settings=settings_at,
        ensembles=ensembles_at,
        seed=config["seed"],
        code=code_of_report,
    script:
        "../scripts/report.py"
