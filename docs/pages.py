"""Write the pages that repeat what stands elsewhere: measured.md, config.md, gallery.md.

    python docs/pages.py

Measured: rows of the tables with a command under `## Measured` of every page. Configuration: the schemas. Gallery: what the
experiments say of themselves, and what their jobs took.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulant.command.listing import sentence_of
from emulant.configuration.forecast import spoken
from emulant.contracts.declaration import (
    declared_family,
    declared_form,
    declared_system,
    family_names,
    form_names,
    system_kinds,
)
from emulant.storage.yaml_files import read_yaml

DOCS = Path(__file__).parent
ROOT = DOCS.parent
MEASURED = """\
On two shared CPU cores, without a GPU; ratios are to a yardstick in the same run. Benchmarks run with
`OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1` and `.venv/bin/python`. `emulant run NAME` is the laptop scale. What an experiment
found lies in its folder: `comparison.csv` and `verdict.csv`, distances in `two_sample.csv`, what is known of the reference
in `reference.json`. Rows stand on the pages that are linked, most of them with their context.
"""
CONFIGURATION = """\
An experiment is `config/experiments/<name>.yaml`. Its settings lie in layers, later over earlier: the scale
(`config/scales/<scale>.yaml`), the sizes that the system declares for the scale, the experiment, its block under `scales`,
`override` of `config/config.yaml`. A model takes the experiment's `training` and `generation`, over them
`config/models/<model>.yaml`, over that its own entry under `models`. Where no default stands a key may be left out, unless
it is *needed*; many needed ones come from the scale. YAML writes nested keys as blocks: `system.kappa` is
`system: {kappa: …}`.
"""
GALLERY = """\
One block for each kind of physics: a picture of the report, experiments to begin with, and their price, CPU seconds of one
core with all their jobs, where it was measured. `emulant list` has all experiments. Pictures are of the laptop scale or the
tour; those of spins, paths, worldlines, spectra, charge separation and posteriors are of the smoke scale, where models have
learned nothing yet.
"""
WRITTEN = "<!-- Written by docs/pages.py; edit what it reads. -->\n"
COMMAND = re.compile(r"command|repeat", re.IGNORECASE)
CELL = re.compile(r"(?<!\\)\|")
"""A bar between cells; one inside a cell has a backslash."""


def measured_rows(page: Path) -> list[tuple[str, str, str]]:
    """Claim, number and command of every row under `## Measured` of a page; tables of another kind are passed over."""
    sections = re.findall(r"^## Measured.*?\n(.*?)(?=^## |\Z)", page.read_text(encoding="utf-8"), re.M | re.S)
    rows, heads = [], False
    for line in "\n".join(sections).splitlines():
        if not line.startswith("|"):
            heads = False
            continue
        cells = [cell.strip() for cell in CELL.split(line.strip().strip("|"))]
        if set("".join(cells)) <= set("-: "):
            continue
        if not heads:
            heads = len(cells) >= 3 and bool(COMMAND.search(cells[-1]))
            wanted = heads
        elif wanted and len(cells) >= 3:
            rows.append((cells[0], "; ".join(filter(None, cells[1:-1])), cells[-1]))
        heads = heads or True
    return rows


def title_of(page: Path) -> str:
    """The first heading of a page."""
    return re.search(r"^# (.*)$", page.read_text(encoding="utf-8"), re.M)[1]


def measured() -> str:
    """The page of all measurements."""
    parts = ["# Measured\n"]
    parts.append(MEASURED)
    for page in sorted(DOCS.glob("*.md")):
        if rows := measured_rows(page):
            parts.append(
                f"\n## [{title_of(page).split(':')[0]}]({page.name})\n| claim | number | command |\n| --- | --- | --- |"
            )
            parts += [f"| {' | '.join(row)} |" for row in rows]
    return WRITTEN + "\n".join(parts) + "\n"


def kind_of(schema: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    words = schema.get("type", "value")
    words = " or ".join(words) if isinstance(words, list) else words
    limits = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return words + "".join(f" {sign} {schema[name]}" for name, sign in limits.items() if name in schema)


def key_rows(block: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """A row for each key of a schema's block, those of blocks inside it below it."""
    required = block.get("required", [])
    for key, schema in block.get("properties", {}).items():
        if not schema or (key == "kind" and not schema.get("enum")):
            continue
        told = " ".join(str(schema.get("description", "")).split()).replace("|", "\\|")
        default = f"`{schema['default']}`" if "default" in schema else ("needed" if key in required else "")
        kind = f"as `{schema['$ref'].rsplit('/')[-1]}`" if "$ref" in schema else kind_of(schema)
        yield f"| `{prefix}{key}` | {kind} | {default} | {told} |"
        if schema.get("type") == "object":
            yield from key_rows(schema, f"{prefix}{key}.")


def table(block: dict[str, Any]) -> list[str]:
    """The keys of a block."""
    rows = [*key_rows(block)]
    return (
        ["| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows, ""]
        if rows
        else ["No keys.", ""]
    )


def config() -> str:
    """The reference of the configuration."""
    schemas = ROOT / "workflow/schemas"
    frame = read_yaml(schemas / "experiment.schema.yaml")
    parts = [
        "# Configuration: every key\n",
        CONFIGURATION,
        "## config/config.yaml",
        *table(read_yaml(schemas / "config.schema.yaml")),
        "## An experiment",
        *table(frame),
        "## A model",
        *table(frame["$defs"]["model"]),
        "## Blocks that several share",
    ]
    for name in ("training", "generation", "path", "network"):
        parts += [f"### {name}", *table(frame["$defs"][name])]
    parts += [
        f"`{name}`: {kind_of(frame['$defs'][name])}: {' '.join(frame['$defs'][name]['description'].split())}.\n"
        for name in ("target", "widths", "noise_span")
    ]
    parts += ["## Your own samples: sampler `file`, by form"]
    for name in form_names():
        parts += [f"### {name}", *table({"properties": declared_form(name)["file"]})]
    for kind in system_kinds():
        declared = declared_system(kind)
        parts += [
            f"## System `{kind}`: {declared['title']}",
            f"Samples are {declared['form']}. " + conditions(declared),
            "",
        ]
        parts += table(declared["system"])
        for sampler, block in declared["samplers"].items():
            if block.get("properties"):
                parts += [f"### reference, sampler `{sampler}`", *table(block)]
            else:
                parts += [
                    f"Sampler `{sampler}`"
                    + (" takes the keys of its form." if sampler == "file" else " takes no keys."),
                    "",
                ]
        parts += studies(declared)
    for name in family_names():
        declared = declared_family(name)
        requires = f", requires {', '.join(declared['requires'])}" if declared["requires"] else ""
        log_q = "; knows log q" if declared["likelihood"] else ""
        parts += [
            f"## Family `{name}`",
            f"Learns {' and '.join(declared['forms'])} from {declared['needs']}{requires}{log_q}. "
            + conditions(declared),
            "",
        ]
        parts += table(declared)
        if declared["generation"]:
            parts += ["### generation", *table({"properties": declared["generation"]})]
        parts += studies(declared)
    return WRITTEN + "\n".join(parts)


def conditions(declared: dict[str, Any]) -> str:
    """Conditions in a sentence."""
    names = ", ".join(f"`{name}`" for name in declared["conditions"])
    return f"Conditions: {names}." if names else ""


def studies(declared: dict[str, Any]) -> list[str]:
    """Studies with their keys."""
    parts = []
    for name, study in declared["studies"].items():
        request = ", on request" if study.get("on_request") else ""
        parts += [f"### study `{name}`{request}", *table(study)]
    return parts


PILLARS = {
    "Scalar fields": (
        "fields.md",
        "cumulants.svg",
        ["phi4_critical", "phi4_cumulants", "phi4_broken", "phi4_symmetric", "phi4_quench"],
    ),
    "Flow of the effective action": ("fields.md", "effective_action.svg", ["effective_action", "two_peak"]),
    "Complex Langevin": (
        "complex_langevin.md",
        "../energies_quartic.svg",
        ["complex_quartic", "complex_gaussian", "complex_quartic_unreliable"],
    ),
    "The Bose gas": ("complex_langevin.md", "silver_blaze.svg", ["bose_gas"]),
    "Samplers from the action": (
        "samplers.md",
        "samplers.svg",
        ["phi4_line_8", "phi4_line_14", "phi4_line_8_paths", "phi4_ladder_8"],
    ),
    "Gauge links": ("gauge.md", "charge_distribution.svg", ["u1_flow_8", "u1_flow_16", "u1_diffusion"]),
    "Spins and angles": (
        "spins.md",
        "ising_scan.svg",
        ["ising_critical", "xy_transition", "ising_triangular"],
    ),
    "Quantum paths": ("quantum.md", "wave_function.svg", ["path_double_well", "path_oscillator"]),
    "Worldlines": (
        "worldlines.md",
        "fluxes.svg",
        ["worldlines_two_sites", "worldlines_plane_4", "worldlines_plane"],
    ),
    "Whole events": (
        "events.md",
        "count_correlations.svg",
        ["au_au_central", "au_au_many", "au_au_impact", "surrogate_central"],
    ),
    "Initial states to spectra": ("spectra.md", "differential_flow.svg", ["hydro_lead_lead"]),
    "Charge separation": ("cme.md", "evolution.svg", ["cme_unfolding"]),
    "Posteriors": (
        "posteriors.md",
        "coverage.svg",
        ["linear_gaussian", "deformation_uranium", "calibration_lead_lead"],
    ),
}
"""Physics -> its page, a picture, experiments to begin with."""


def costs() -> dict[tuple[str, str], float]:
    """CPU seconds of all jobs of an experiment at a scale, where they are known."""
    seconds: dict[tuple[str, str], float] = {}
    with (ROOT / "resources/job_costs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["seconds"]:
                key = row["scale"], row["job"].split()[0]
                seconds[key] = seconds.get(key, 0.0) + float(row["seconds"])
    return seconds


def gallery() -> str:
    """The gallery."""
    experiments, prices = ROOT / "config/experiments", costs()
    parts = [
        "# Gallery\n",
        GALLERY,
    ]
    for title, (page, picture, names) in PILLARS.items():
        parts += [f"## [{title}]({page})", f"![{title}](pictures/{picture})\n".replace("pictures/../", "")]
        parts += ["| experiment | command | price |", "| --- | --- | --- |"]
        for name in names:
            told = [
                f"{scale} {spoken(prices[scale, name])}"
                for scale in ("smoke", "tour", "laptop")
                if (scale, name) in prices
            ]
            about = sentence_of(experiments / f"{name}.yaml").replace("|", "\\|")
            parts.append(f"| {about} | `emulant run {name}` | {', '.join(told) or 'not measured'} |")
        parts.append("")
    return WRITTEN + "\n".join(parts)


if __name__ == "__main__":
    for name, text in {"measured": measured(), "config": config(), "gallery": gallery()}.items():
        (DOCS / f"{name}.md").write_text(text, encoding="utf-8")
