"""config.md: every key of the configuration, from the schemas."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulant.contracts.declaration import (
    declared_family,
    declared_form,
    declared_system,
    family_names,
    form_names,
    system_kinds,
)
from emulant.storage.yaml_files import read_yaml

SCHEMAS = Path(__file__).parents[2] / "workflow/schemas"
INTRODUCTION = """\
An experiment is `config/experiments/<name>.yaml`. Its settings lie in layers, later over earlier: the scale
(`config/scales/<scale>.yaml`), the sizes that the system declares for the scale, the experiment, its block under `scales`,
`override` of `config/config.yaml`. A model takes the experiment's `training` and `generation`, over them
`config/models/<model>.yaml`, over that its own entry under `models`. Where no default stands a key may be left out, unless
it is *needed*; many needed ones come from the scale. YAML writes nested keys as blocks: `system.kappa` is
`system: {kappa: …}`.
"""


def config() -> str:
    """The reference of the configuration."""
    parts = ["# Configuration: every key\n", INTRODUCTION, *_experiment(), *_files()]
    for kind in system_kinds():
        parts += _system(kind)
    for name in family_names():
        parts += _family(name)
    return "\n".join(parts)


def _experiment() -> list[str]:
    """What the files of the configuration may hold, whatever the system."""
    frame = read_yaml(SCHEMAS / "experiment.schema.yaml")
    blocks = frame["$defs"]
    parts = ["## config/config.yaml", *table(read_yaml(SCHEMAS / "config.schema.yaml"))]
    parts += ["## An experiment", *table(frame), "## A model", *table(blocks["model"])]
    parts += ["## Blocks that several share"]
    for name in ("training", "generation", "path", "network"):
        parts += [f"### {name}", *table(blocks[name])]
    return parts + [
        f"`{name}`: {kind_of(blocks[name])}: {' '.join(blocks[name]['description'].split())}.\n"
        for name in ("target", "widths", "noise_span")
    ]


def _files() -> list[str]:
    """Keys of a user's own file."""
    parts = ["## Your own samples: sampler `file`, by form"]
    for name in form_names():
        parts += [f"### {name}", *table({"properties": declared_form(name)["file"]})]
    return parts


def _system(kind: str) -> list[str]:
    """A system, its samplers and its studies."""
    declared = declared_system(kind)
    parts = [f"## System `{kind}`: {declared['title']}"]
    parts += [f"Samples are {declared['form']}. {conditions(declared)}", "", *table(declared["system"])]
    for sampler, block in declared["samplers"].items():
        told = "takes the keys of its form" if sampler == "file" else "takes no keys"
        keys = block.get("properties")
        parts += (
            [f"### reference, sampler `{sampler}`", *table(block)]
            if keys
            else [f"Sampler `{sampler}` {told}.", ""]
        )
    return parts + studies(declared)


def _family(name: str) -> list[str]:
    """A family, its keys and its studies."""
    declared = declared_family(name)
    requires = f", requires {', '.join(declared['requires'])}" if declared["requires"] else ""
    log_q = "; knows log q" if declared["likelihood"] else ""
    told = f"Learns {' and '.join(declared['forms'])} from {declared['needs']}{requires}{log_q}."
    parts = [f"## Family `{name}`", f"{told} {conditions(declared)}", "", *table(declared)]
    if declared["generation"]:
        parts += ["### generation", *table({"properties": declared["generation"]})]
    return parts + studies(declared)


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
