from pathlib import Path

from snakemake.utils import min_version

min_version("9.25")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/reference.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/generate.smk"
include: "workflow/rules/correct.smk"
include: "workflow/rules/study.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/report.smk"


localrules:
    all,


rule all:
    """Run every experiment of the scale to the report."""
    default_target: True
    input:
        report_of(experiments_of(config["scale"])),


# Each experiment by its name: `snakemake NAME` makes its report at the scale of the configuration.
for experiment in names_in(CONFIG / "experiments"):
    # A name of a rule stays the rule's; `--config experiments=[...]` runs such an experiment.
    if not workflow.is_rule(experiment):

        rule:
            """Run this experiment to its report."""
            name:
                experiment
            input:
                named(experiment),
            localrule: True


onstart:
    announce()
    start_server()
    schedule_at_once()


onsuccess:
    print_summary()
