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
