"""Print, as JSON, every job that Snakemake plans at a scale: its rule, script, benchmark file, outputs, and what it
knows by name.

    python tests/planned.py SCALE

It runs in a checkout, or in a copy of one. The rules are Snakemake's own: no text of a rule is read here.
"""

import json
import sys
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.settings.enums import Quietness
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings


def planned(scale):
    """Every job of a scale, those with nothing to do as well; nothing is run."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(config={"scale": scale}),
            snakefile=Path("Snakefile"),
        )
        workflow.dag().execute_workflow(executor="dryrun")
        return list(workflow._workflow.dag.jobs)


def described(job):
    """A job with a script, as what JSON can hold."""
    blocks = (job.wildcards, job.params, job.input, job.output)
    return {
        "rule": job.rule.name,
        "script": Path(job.rule.script).stem,
        "benchmark": str(job.benchmark),
        "outputs": sorted(name for name, _ in job.output.items()),
        "names": sorted({"threads", *(name for block in blocks for name, _ in block.items())}),
    }


if __name__ == "__main__":
    jobs = [described(job) for job in planned(sys.argv[1]) if job.rule.script]
    sys.stdout.write(json.dumps(jobs) + "\n")
