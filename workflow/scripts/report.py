"""Rule `report`: one self-contained HTML file."""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import pandas as pd

from emulant.plots.format import value_with_error
from emulant.storage.atomic import atomic_path
from emulant.storage.provenance import code_version, library_versions
from emulant.storage.records import read_json

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(template: Path, report: Path, *, settings: dict[str, dict], seed: int) -> None:
    """Fill `template` with everything under the folder of `report`."""
    folder = report.parent
    verdicts, costs = pd.read_csv(folder / "verdict.csv"), pd.read_csv(folder / "cost.csv")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["number"] = lambda value: "–" if pd.isna(value) else f"{value:.3g}"
    environment.filters["pull"] = lambda value: "–" if pd.isna(value) else f"{value:+.1f}"
    page = environment.from_string(template.read_text(encoding="utf-8")).render(
        scale=folder.name,
        seed=seed,
        code=code_version(),
        libraries=json.loads(library_versions()),
        verdicts=_front_page(verdicts, costs, settings, folder),
        costs=costs.to_dict("records"),
        experiments=[_experiment(folder / name, settings[name], verdicts) for name in settings],
    )
    with atomic_path(report) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _front_page(verdicts: pd.DataFrame, costs: pd.DataFrame, settings: dict, folder: Path) -> list[dict]:
    rows = []
    for row in verdicts[verdicts["source"] != "training"].to_dict("records"):
        model = row["source"].removesuffix("_metropolis").removesuffix("_weighted")
        cost = costs[(costs["experiment"] == row["experiment"]) & (costs["source"] == row["source"])]
        record = folder / row["experiment"] / model / "correction.json"
        correction = read_json(record) if record.exists() else {}
        labels = [] if pd.isna(row["note"]) or not row["note"] else [row["note"]]
        if settings[row["experiment"]]["models"].get(model, {}).get("yardstick"):
            labels.insert(0, "cost yardstick, briefly trained")
        rows.append(
            {
                **row,
                "note": "; ".join(labels),
                "seconds": cost["seconds_per_independent"].iloc[0] if len(cost) else float("nan"),
                "ess": correction.get("ess", float("nan")) if row["source"] == model else float("nan"),
                "acceptance": correction.get("acceptance", float("nan"))
                if row["source"].endswith("_metropolis")
                else float("nan"),
            }
        )
    return rows


def _experiment(folder: Path, settings: dict, verdicts: pd.DataFrame) -> dict:
    index = read_json(folder / "figures" / "index.json")
    comparison = pd.read_csv(folder / "comparison.csv")
    rows = [
        {
            **row,
            "shown": value_with_error(row["value"], row["error"]),
            "target_shown": value_with_error(row["target"], row["target_error"]),
        }
        for row in comparison[comparison["source"] != "training"].to_dict("records")
        if row["observable"] not in ("correlator", "power_spectrum")
    ]
    corrections = {
        model: read_json(folder / model / "correction.json")
        for model in settings["models"]
        if (folder / model / "correction.json").exists()
    }
    effective = {
        model: read_json(folder / model / "effective_action.json")
        for model in settings["models"]
        if (folder / model / "effective_action.json").exists()
    }
    return {
        "name": folder.name,
        "note": index["note"],
        "figures": [
            {**figure, "uri": _inline(folder / "figures" / figure["file"])} for figure in index["figures"]
        ],
        "rows": rows,
        "two_sample": pd.read_csv(folder / "two_sample.csv").to_dict("records"),
        "corrections": corrections,
        "effective": effective,
        "diagnostics": json.dumps(read_json(folder / "reference.json"), indent=1, sort_keys=True),
        "settings": json.dumps(settings, indent=1, sort_keys=True),
    }


def _inline(file: Path) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(file.read_bytes()).decode()


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0]):
        main(
            Path(snakemake.input.template),
            Path(snakemake.output.report),
            settings=snakemake.params.settings,
            seed=snakemake.params.seed,
        )
