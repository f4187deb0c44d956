"""The page: all experiments of a scale in one HTML file."""

import base64
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import pandas as pd

from emulant.plots.cost import cost_ledger
from emulant.plots.format import duration, pull_text, value_with_error
from emulant.plots.style import label_of, save
from emulant.reporting.front import cost_rows, verdict_groups
from emulant.reporting.results import Results
from emulant.reporting.section import section
from emulant.reporting.words import experiment_title
from emulant.storage.atomic import atomic_path
from emulant.storage.provenance import code_version, library_versions
from emulant.storage.tables import read_rows

__all__ = ["cost_picture", "environment", "write_page"]


def write_page(
    template: Path,
    report: Path,
    scale: str,
    results: Mapping[str, Results],
    settings: Mapping[str, dict],
    costs: Mapping[str, Sequence[Mapping]],
    seed: int,
) -> None:
    """Fill `template` and write it to `report`.

    Arguments:
        template: a jinja file; the parts that it includes lie beside it.
        report: the page; its tables lie beside it.
        scale: its name.
        results: experiment -> its files, in the order to show them.
        settings: experiment -> its merged configuration.
        costs: experiment -> records of what its jobs cost.
        seed: the root seed.
    """
    verdicts, prices = (_table(report.with_name(name)) for name in ("verdict.csv", "cost.csv"))
    page = environment(template.parent).get_template(template.name)
    text = page.render(
        scale=scale,
        seed=seed,
        code=code_version(),
        libraries=json.loads(library_versions()),
        groups=verdict_groups(results, settings, verdicts, prices),
        costs=cost_rows(prices),
        cost_picture=cost_picture(prices, {name: files.models for name, files in results.items()}),
        experiments=[section(files, settings[name], costs.get(name, [])) for name, files in results.items()],
    )
    with atomic_path(report) as temporary:
        temporary.write_text(text, encoding="utf-8")


def environment(folder: Path) -> jinja2.Environment:
    """Load the templates in `folder`, with the filters that they use; HTML is escaped unless marked safe."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {
        "duration": duration,
        "label": label_of,
        "number": _number,
        "percent": lambda value: "–" if pd.isna(value) else f"{100 * value:.3g} %",
        "pull": pull_text,
        "times": lambda value: "–" if pd.isna(value) else f"× {_number(value)}",
    }
    templates.globals["value_with_error"] = value_with_error
    return templates


def cost_picture(costs: pd.DataFrame, models: Mapping[str, Sequence[str]]) -> str:
    """Draw the cost ledger of experiments with their models in order as a data URI; empty where there is no ledger."""
    if costs.empty:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cost.svg"
        titled = costs.assign(experiment=costs["experiment"].map(experiment_title))
        save(cost_ledger(titled, {experiment_title(name): names for name, names in models.items()}), file)
        return f"data:image/svg+xml;base64,{base64.b64encode(file.read_bytes()).decode()}"


def _table(file: Path) -> pd.DataFrame:
    columns = ["experiment", "model", "variant"]
    return read_rows(file) if file.exists() else pd.DataFrame(columns=columns)


def _number(value: object) -> str:
    """Three digits, a real minus sign, powers of ten written out; text as it is."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e6):
        return f"{value:,.0f}".replace(",", "\u202f").replace("-", "−")
    mantissa, _, power = f"{value:.3g}".partition("e")
    digits = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) if power else ""
    return (f"{mantissa}×10{digits}" if power else mantissa).replace("-", "−")
