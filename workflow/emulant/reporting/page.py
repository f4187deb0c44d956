"""The page: all experiments of a scale in one HTML file."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from emulant.plots.cost import cost_ledger
from emulant.plots.format import duration, number_text, pull_text, value_with_error
from emulant.plots.style import label_of, save
from emulant.reporting.front import cost_rows, verdict_groups
from emulant.reporting.parts import GLYPHS, glyphs_in, packed, picture, without_glyphs
from emulant.reporting.results import Results
from emulant.reporting.section import section
from emulant.storage.atomic import atomic_path
from emulant.storage.provenance import code_version, library_versions
from emulant.storage.tables import read_rows

__all__ = ["cost_picture", "environment", "write_page"]

FRONT = "front"
"""Name of the part with the figure of the front page."""
DRAWING = '{% from "macros.html.jinja" import drawing %}{% if figure %}{{ drawing(figure) }}{% endif %}'


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
    templates = environment(template.parent)
    titles = {name: block["title"] for name, block in settings.items()}
    ledger = cost_picture(prices, {name: files.models for name, files in results.items()}, titles)
    sections = {
        name: section(files, settings[name], costs.get(name, []), report.parent)
        for name, files in results.items()
    }
    pages = {FRONT: templates.from_string(DRAWING).render(figure=ledger)}
    for name, content in sections.items():
        pages[name] = templates.get_template("experiment.html.jinja").render(e=content)
    glyphs = glyphs_in(pages.values())
    text = templates.get_template(template.name).render(
        scale=scale,
        seed=seed,
        code=code_version(),
        libraries=json.loads(library_versions()),
        groups=verdict_groups(results, settings, verdicts, prices),
        unlearned=all(block.get("judged") is False for block in settings.values()),
        costs=cost_rows(prices, titles),
        cost_picture=ledger,
        parts=packed({GLYPHS: glyphs, **{name: without_glyphs(page) for name, page in pages.items()}}),
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


def cost_picture(
    costs: pd.DataFrame, models: Mapping[str, Sequence[str]], titles: Mapping[str, str]
) -> dict[str, Any]:
    """Draw the cost ledger of experiments with their models in order; empty where there is no ledger."""
    if costs.empty:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cost.svg"
        save(cost_ledger(costs, models, titles), file)
        words = (
            "seconds per independent configuration of every source in every experiment, as in the table below"
        )
        return picture(file, "cost/ledger") | {
            "half": False,
            "title": "The cost ledger",
            "caption": f"{words.capitalize()}. Filled: without training; open: with it.",
            "alt": f"Cost ledger: {words}.",
        }


def _table(file: Path) -> pd.DataFrame:
    columns = ["experiment", "model", "variant"]
    return read_rows(file) if file.exists() else pd.DataFrame(columns=columns)


def _number(value: object) -> str:
    """A number as `number_text` writes it, a dash where there is none; text as it is."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return number_text(value)
