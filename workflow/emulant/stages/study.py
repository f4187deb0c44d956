"""Make the table of a study of a system or of a family."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.contracts.study import Study, StudyInputs, StudyTable
from emulant.errors import InputError
from emulant.families import load_model, studies_of_family
from emulant.storage.atomic import atomic_path
from emulant.storage.records import read_json, write_json
from emulant.systems import part_of, system_from

__all__ = ["write_study"]


def write_study(
    table: Path,
    record: Path,
    *,
    study: str,
    system: Mapping[str, Any],
    settings: Mapping[str, Any],
    seed: int,
    reference: Path | None,
    models: Mapping[str, Path],
    ensembles: Mapping[str, Path],
    corrections: Mapping[str, Path],
) -> None:
    """Write the table (CSV) of a study, and its record (JSON).

    Arguments:
        table, record: files to write.
        study: name, of the system or of the family of the only model.
        system: the system block.
        settings: of the study.
        seed: of the study.
        reference: file of the reference, if the study reads it.
        models: name -> folder of a trained model.
        ensembles: name -> file of its raw ensemble.
        corrections: name -> file of what its corrections say, if the study reads it.

    Raises:
        InputError: where the study returns no StudyTable.
    """
    physics = system_from(system)
    trained = {name: load_model(folder, physics) for name, folder in models.items()}
    records = {name: read_json(file) for name, file in corrections.items()}
    inputs = StudyInputs(settings, seed, reference, trained, ensembles, records)
    result = _study(study, system["kind"], trained)(physics, inputs)
    if not isinstance(result, StudyTable):
        raise InputError(
            f"study {study}", "result", "a StudyTable (contracts/study.py)", type(result).__name__
        )
    with atomic_path(table) as temporary:
        result.table.to_csv(temporary, index=False)
    write_json(record, result.record)


def _study(name: str, kind: str, trained: Mapping[str, Any]) -> Study:
    """The study of this name: the system's, or the family's of the only model."""
    studies = part_of(kind, "studies")
    if name in studies:
        return studies[name]
    (model,) = trained.values()
    return studies_of_family(model.settings["family"])[name]
