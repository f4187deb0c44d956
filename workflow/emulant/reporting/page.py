"""The page's own words and its one picture that belongs to no experiment."""

import base64
import tempfile
from pathlib import Path

import jinja2
import pandas as pd

from emulant.plots.cost import cost_ledger
from emulant.plots.format import duration, pull_text, value_with_error
from emulant.plots.style import label_of, save
from emulant.plots.symbols import symbol_html
from emulant.reporting.words import experiment_title

__all__ = ["cost_picture", "environment"]


def environment(folder: Path) -> jinja2.Environment:
    """Templates in `folder`, with the filters that they use; HTML is escaped unless marked safe."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "duration": duration,
        "label": label_of,
        "number": _number,
        "percent": lambda value: "–" if pd.isna(value) else f"{100 * value:.3g} %",
        "pull": pull_text,
        "times": lambda value: "–" if pd.isna(value) else f"× {_number(value)}",
    }
    made.globals |= {"symbol": symbol_html, "value_with_error": value_with_error}
    return made


def cost_picture(costs: pd.DataFrame) -> str:
    """The cost ledger as a data URI; empty where there is no ledger."""
    if costs.empty:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cost.svg"
        save(cost_ledger(costs.assign(experiment=costs["experiment"].map(experiment_title))), file)
        return f"data:image/svg+xml;base64,{base64.b64encode(file.read_bytes()).decode()}"


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
