"""The schema of an experiment: the frame, filled in with what its system, sampler and families declare."""

from collections.abc import Mapping
from typing import Any

from emulant.configuration.layers import Layer
from emulant.contracts.declaration import (
    LIBRARY,
    SYSTEMS,
    declared_family,
    declared_form,
    declared_system,
    family_names,
)
from emulant.errors import InputError
from emulant.storage.yaml_files import names_in

__all__ = ["check_family", "experiment_schema", "model_schema", "observable_files"]

CONDITION = {"type": "array", "minItems": 1, "items": {"type": "number"}}


def experiment_schema(frame: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Fill the frame in for the kind of system and the sampler that `settings` name."""
    kind = settings["system"]["kind"]
    declared, block = declared_system(kind), settings.get("reference")
    sampler = block.get("sampler") if isinstance(block, dict) else None
    properties = frame["properties"]
    system = {**properties["system"], **declared["system"]}
    system["properties"] = declared["system"]["properties"] | {"kind": {}}
    families = [*map(declared_family, family_names())]
    studies = {name: study for family in families for name, study in family["studies"].items()}
    studies |= declared["studies"]
    conditions = dict.fromkeys(declared["conditions"], CONDITION)
    filled = {
        "system": system,
        "reference": _reference(properties["reference"], frame["$defs"], declared, sampler),
        "conditions": properties["conditions"] | {"properties": conditions},
        "studies": properties["studies"] | {"properties": {n: _block(s) for n, s in studies.items()}},
        "generation": _generation(frame, *families),
    }
    needed = [
        name
        for name, study in declared["studies"].items()
        if study.get("required") and not study.get("on_request")
    ]
    if needed:
        filled["studies"] = filled["studies"] | {"required": needed}
    required = [*frame["required"], *(["studies"] if needed else [])]
    return {**frame, "required": required, "properties": {**properties, **filled}}


def model_schema(frame: Mapping[str, Any], family: Mapping[str, Any]) -> dict[str, Any]:
    """Fill the frame of a model in with the keys of its family."""
    model = frame["$defs"]["model"]
    uncorrected = {"const": False, "description": "this family knows no likelihood"}
    properties = {
        **model["properties"],
        **_conditions(frame, family),
        "generation": _generation(frame, family),
        **({} if family["likelihood"] else {"corrected": uncorrected}),
        **family["properties"],
    }
    required = [*model["required"], *family["required"]]
    return {**model, "$defs": frame["$defs"], "required": required, "properties": properties}


def check_family(
    name: str,
    family: Mapping[str, Any],
    system: Mapping[str, Any],
    settings: Mapping[str, Any],
    entry: Layer,
) -> None:
    """Raise InputError where a family cannot learn a system: another form, no action, an unknown condition."""
    where = (entry.file, ".".join(map(str, (*entry.prefix, "family"))))
    if system["form"] not in family["forms"]:
        learns = " and ".join(family["forms"])
        raise InputError(*where, f"a family that learns {system['form']}", f"{name}, which learns {learns}")
    required = [*family["requires"], *(["action"] if family["needs"] == "action" else [])]
    missing = [feature for feature in required if feature not in system["offers"]]
    if missing:
        offers = ", ".join(system["offers"]) or "nothing"
        expected = f"a family for a system that offers {offers}"
        raise InputError(*where, expected, f"{name}, which requires {', '.join(missing)}")
    for condition in settings.get("conditions", {}):
        if condition not in family["conditions"]:
            raise InputError(*where, f"a family that takes the condition {condition}", name)


def observable_files(kind: str) -> list[str]:
    """List the files of a system's observables: its shelves and its own folder."""
    folders = [LIBRARY / shelf / "observables" for shelf in declared_system(kind)["observables"]]
    return sorted(
        name
        for folder in (*folders, SYSTEMS / kind / "observables")
        for name in names_in(folder, "[a-z]*.py")
    )


def _reference(
    frame: Mapping[str, Any], definitions: Mapping[str, Any], declared: Mapping[str, Any], sampler: Any
) -> dict[str, Any]:
    """The block of the reference, with the keys of the chosen sampler alone."""
    chosen = declared["samplers"].get(sampler, {}) if isinstance(sampler, str) else {}
    keys, required = chosen.get("properties", {}), chosen.get("required", [])
    if sampler == "file":
        keys = {**keys, "file": definitions["file"], **declared_form(declared["form"])["file"]}
        required = [*required, "file"]
    description = frame["properties"]["sampler"]["description"]
    names = {"enum": list(declared["samplers"]), "description": description}
    properties = {**frame["properties"], "sampler": names, **keys}
    return {**frame, "required": [*frame["required"], *required], "properties": properties}


def _conditions(frame: Mapping[str, Any], family: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions in a block of a family that reads no training ensemble, which has them as columns."""
    if family["needs"] != "action" or not family["conditions"]:
        return {}
    values = dict.fromkeys(family["conditions"], CONDITION)
    return {"conditions": frame["properties"]["conditions"] | {"properties": values}}


def _block(study: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a study."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": study.get("required", []),
        "properties": study.get("properties", {}),
    }


def _generation(frame: Mapping[str, Any], *families: Mapping[str, Any]) -> dict[str, Any]:
    """The block of generation with the keys of these families; of several, their values are checked by each."""
    block = frame["$defs"]["generation"]
    if len(families) == 1:
        return {**block, "properties": block["properties"] | families[0]["generation"]}
    keys = {key: {} for family in families for key in family["generation"]}
    return {**block, "properties": keys | block["properties"]}
