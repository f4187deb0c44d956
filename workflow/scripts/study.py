"""Rule `study`: a named extra table of a system or of a model."""

from pathlib import Path

from emulant.stages.study import write_study


def main(
    table: Path,
    record: Path,
    name: str,
    system: dict,
    settings: dict,
    seed: int,
    models: list,
    reference: list[Path],
    ensembles: list[Path],
    weights: list[Path],
    corrections: list[Path],
) -> None:
    """Write the study `name`; `models` are the names of the models that it reads."""
    write_study(
        table,
        record,
        study=name,
        system=system,
        settings=settings,
        seed=seed,
        reference=reference[0] if reference else None,
        models={model: file.parent for model, file in zip(models, weights, strict=True)},
        ensembles=dict(zip(models, ensembles, strict=False)),
        corrections={file.parent.name: file for file in corrections},
    )


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
