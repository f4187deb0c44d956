"""What the rules share: settings of the experiments, seeds, source digests, resources."""

import os
import re
import sys
from contextlib import contextmanager
from functools import cache

from snakemake.script import PythonScript

from emulant.configuration.damage import remake_damaged
from emulant.configuration.declarations import check_declarations
from emulant.configuration.digest import source_digest
from emulant.configuration.experiments import Overrides, load_experiment
from emulant.configuration.listing import (
    check_overrides,
    experiment_names,
    names_of_form,
    scales,
    sharing_models,
)
from emulant.configuration.forecast import forecast, shipped_costs
from emulant.configuration.forked_jobs import FEWEST, JobServer, fork_jobs
from emulant.configuration.gpu import fallback
from emulant.configuration.interpreter import in_commands
from emulant.configuration.layers import Layer
from emulant.configuration.lock import claim
from emulant.configuration.names import NAME
from emulant.configuration.own_files import check_file
from emulant.configuration.pages import PAGE, names_on, page_of
from emulant.configuration.plan import Plan
from emulant.configuration.schema import check
from emulant.configuration.starts import check_starts
from emulant.configuration.summary import summary
from emulant.contracts.declaration import (
    FAMILIES,
    FORMS,
    SYSTEMS,
    declaration_of,
    declared_family,
    declared_form,
    declared_system,
    family_names,
    form_names,
    module_of_family,
    module_of_studies,
    files_of_reference,
    system_kinds,
)
from emulant.errors import InputError
from emulant.forms import modules_of_form
from emulant.randomness.seeds import job_seed
from emulant.storage.atomic import remove_leftovers
from emulant.storage.yaml_files import names_in, read_yaml
from emulant.systems import modules_of, observable_packages, published_tables

# The commands of all jobs begin with it, and the folder of the checkout may have blanks in its name.
sys.executable = in_commands(sys.executable)
# The C library of Linux gives large arrays back to the system at once, whose next use costs a third of what networks
# take. Jobs keep up to half a GB of freed memory; 32 MB is the largest array that the library lets be kept.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(512 * 2**20))
CONFIG = Path("config")
WRITTEN = [
    Path("results"),
    Path("checkpoints"),
    *(Path(".snakemake", name) for name in ("checksums", "incomplete", "owners")),
]
CONFIG_FILE = Path((workflow.overwrite_configfiles or workflow.configfiles)[-1])
SCHEMAS = Path(workflow.basedir) / "workflow" / "schemas"
COSTS = Path(workflow.basedir) / "resources" / "job_costs.csv"
PLAN = Path(".snakemake") / "emulant" / "plan.json"
EXPERIMENTS = {}
FOLDER = "results/{scale}/{experiment}"


@contextmanager
def mistakes_in_one_line():
    """End with one line, and without a traceback, where a user's input is wrong."""
    try:
        yield
    except InputError as error:
        sys.exit(f"Error: {error}")


def settings_of(experiment, scale):
    """The merged, checked settings of an experiment at a scale, each read once."""
    if (experiment, scale) not in EXPERIMENTS:
        schema = SCHEMAS / "experiment.schema.yaml"
        overrides = Overrides(config.get("override") or {}, CONFIG_FILE)
        with mistakes_in_one_line():
            settings = load_experiment(CONFIG, experiment, scale, schema, overrides)
        EXPERIMENTS[experiment, scale] = settings
    return EXPERIMENTS[experiment, scale]


@cache
def experiments_of(scale):
    """Names of the experiments to run at a scale; resources of every job ask for them."""
    return experiment_names(CONFIG, config["experiments"], scale, CONFIG_FILE)


@cache
def page_at(scale):
    """The page of the experiments to run at a scale."""
    return page_of(CONFIG, experiments_of(scale), scale)


@cache
def experiments_of_page(scale, page):
    """Names of the experiments that a page shows: those to run, or those of its name."""
    if page == page_at(scale):
        return experiments_of(scale)
    with mistakes_in_one_line():
        return names_on(CONFIG, page, scale)


def report_of(names):
    """The report of experiments at the scale of the configuration."""
    scale = config["scale"]
    return f"results/{scale}{page_of(CONFIG, names, scale)}/report.html"


def named(experiment):
    """A function of the wildcards: the report of one experiment, which is planned where it is asked for."""

    def report(wildcards):
        return report_of([experiment])

    return report


@cache
def looks_of_models():
    """Colour and marker of each model that config/looks.yaml lists, if there is one."""
    file = CONFIG / "looks.yaml"
    return read_yaml(file) if file.exists() else {}


def check_everything():
    """Every setting of the scale, before any job starts."""
    with mistakes_in_one_line():
        check_declarations()
        schema = read_yaml(SCHEMAS / "config.schema.yaml")
        check(dict(config), schema, [Layer(CONFIG_FILE, dict(config))])
        file, looks = CONFIG / "looks.yaml", looks_of_models()
        check(looks, read_yaml(SCHEMAS / "looks.schema.yaml"), [Layer(file, looks)])
        scale = config["scale"]
        names = experiments_of(scale)
        check_overrides(CONFIG, config.get("override") or {}, CONFIG_FILE)
        for name in names:
            # A job on another machine has what its rule declares.
            if workflow.is_main_process:
                check_file(CONFIG, name, settings_of(name, scale))
            check_starts(CONFIG, name, lambda other: settings_of(other, scale))


def plan_of(wildcards):
    """Sources, studies and files of an experiment."""
    settings = settings_of(wildcards.experiment, wildcards.scale)
    return Plan(settings, FOLDER.format(**dict(wildcards.items())))


@cache
def experiments_of_form(form):
    """A pattern of the names of all experiments with samples of a form; it matches nothing where there is none."""
    return "|".join(map(re.escape, names_of_form(CONFIG, form))) or "(?!)"


def sample_files(form, name):
    """A file of samples and those that lie beside it, by the names of a rule's outputs."""
    declared = declared_form(form)
    suffixes = {"ensemble": declared["suffix"], **declared["companions"]}
    return {key: f"{FOLDER}/{name}.{suffix}" for key, suffix in suffixes.items()}


def system_of(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["system"]


def model_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    if wildcards.model not in models:
        sys.exit(
            f"Error: {wildcards.experiment} has no model {wildcards.model} at scale"
            f" {wildcards.scale}; it has {', '.join(models)}"
        )
    return models[wildcards.model]


def seed_of(rule_name, *without):
    """A function of the wildcards: the seed of the rule's job, the same for all values of the wildcards `without`."""

    def seed(wildcards):
        identity = (
            f"{key}={value}"
            for key, value in sorted(wildcards.items())
            if key not in without
        )
        return job_seed(config["seed"], rule_name, *identity)

    return seed


def code_of(script, *parts):
    """A function of the wildcards: digest of all sources of emulant that the job uses.

    What the script finds by name when it runs cannot be read from its imports: `parts` says it, modules in the folder of
    the experiment's system or form (`system`, `reference`, `figures`, ...), `observables`, `form`, `family`, `families`,
    `studies` (those of the families too).
    """

    def code(wildcards):
        plan = plan_of(wildcards)
        models = plan.models.values() if "families" in parts else []
        models = [model_of(wildcards)] if "family" in parts else models
        families = [entry for model in models for entry in sources_of_family(model)]
        named = {
            "form": [f"emulant.forms.{plan.form}"],
            "observables": [f"{p}.*" for p in observable_packages(plan.kind)],
            "family": families,
            "families": families,
            "studies": [
                module_of_studies(model["family"])
                for model in models
                if declared_family(model["family"])["studies"]
            ],
        }
        entries = [
            *declarations_of(plan),
            *(entry for part in parts for entry in named.get(part, [])),
            *(entry for part in parts for entry in modules_of(plan.kind, part)),
            *(entry for part in parts for entry in modules_of_form(plan.kind, part)),
        ]
        return source_digest(script, *entries)

    return code


def declarations_of(plan):
    """What the system of an experiment and the form of its samples declare, which every job reads."""
    return [
        str(declaration_of(SYSTEMS, plan.kind)),
        str(declaration_of(FORMS, plan.form)),
    ]


def sources_of_family(model):
    """The module of a model's family, and what it declares."""
    family = model["family"]
    return [module_of_family(family), str(declaration_of(FAMILIES, family))]


def job_of(wildcards):
    """What one job asks of the machine, at this scale."""
    experiment = (
        getattr(wildcards, "experiment", None) or experiments_of(wildcards.scale)[0]
    )
    return settings_of(experiment, wildcards.scale)["job"]


def gpus(wildcards):
    return job_of(wildcards)["gpus"]


def memory(wildcards, attempt):
    return job_of(wildcards)["mem_mb"] * attempt


def minutes(wildcards, attempt):
    return job_of(wildcards)["minutes"] * attempt


def sources_of(wildcards):
    """Model and variant of every ensemble, in the order of `ensembles_of`."""
    return [list(source) for source in plan_of(wildcards).ensembles()]


def ensembles_of(wildcards):
    return list(plan_of(wildcards).ensembles().values())


def companions_of(wildcards):
    """What lies beside the ensembles of an experiment, and is read with them."""
    return plan_of(wildcards).companions(ensembles_of(wildcards))


def of_all_experiments(name):
    """A function of the wildcards: the file `name` of every experiment of the page."""

    def files(wildcards):
        return [
            f"results/{wildcards.scale}/{experiment}/{name}"
            for experiment in experiments_of_page(wildcards.scale, wildcards.page)
        ]

    return files


def warn(words):
    """One line in the terminal, if there is something to say."""
    if words:
        print(words, file=sys.stderr)


def start_server():
    """Let jobs of this machine share the import of libraries, where there are enough of them."""
    jobs = len(list(workflow.dag.needrun_jobs()))
    if workflow.local_exec and not workflow.touch and jobs >= FEWEST:
        fork_jobs(PythonScript, JobServer())


def schedule_at_once():
    """Let jobs of this machine start at any rate.

    With a limit of jobs a second, which Snakemake always has, its scheduler wakes a second after it woke, and so once more a
    second for each job that has ended: after some hundred jobs it takes half a core (Snakemake's pull request 3744).
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def announce():
    """Say what this run is going to take, and leave it for whoever follows the run."""
    jobs = [
        (job.log[0], job.benchmark, job.resources.get("mem_mb", 0))
        for job in workflow.dag.needrun_jobs()
        if job.log and job.benchmark
    ]
    if jobs and workflow.local_exec and not workflow.touch:
        plan = forecast(jobs, int(workflow.cores), shipped_costs(COSTS))
        plan.write(PLAN)
        warn(f"Plan: {plan}.")


def print_summary():
    """What this run made or found up to date: the jobs of its graph, and no others."""
    jobs = list(workflow.dag.jobs)
    reports = [job.output.report for job in jobs if job.rule.name == "report"]
    judged = [job.output.verdict for job in jobs if job.rule.name == "compare"]
    if text := summary(sorted(map(Path, judged)), sorted(map(Path, reports))):
        print(text)


check_everything()
if workflow.is_main_process:
    # Whoever else works here may be writing just now.
    if not claim(Path(".snakemake")):
        for folder in WRITTEN:
            remove_leftovers(folder)
        for damaged in remake_damaged(Path(".snakemake")):
            warn(f"{damaged} is damaged, it is made again.")
    warn(fallback(EXPERIMENTS.values(), config["scale"]))

VARIANTS = sorted(
    {v for name in family_names() for v in declared_family(name)["variants"]}
)
STUDIES = sorted(
    {
        study
        for declared in (
            *map(declared_system, system_kinds()),
            *map(declared_family, family_names()),
        )
        for study in declared["studies"]
    }
)


wildcard_constraints:
    scale="|".join(map(re.escape, scales(CONFIG))),
    page=PAGE,
    experiment=NAME,
    model=NAME,
    role="reference|training",
    shard=r"\d+",
    variant="|".join(VARIANTS) or "(?!)",
    # A study of a model lies in the model's folder.
    study=rf"(?:{NAME}/)?(?:{'|'.join(STUDIES) or '(?!)'})",
