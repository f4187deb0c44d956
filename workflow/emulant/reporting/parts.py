"""Parts of the page: texts that are compressed in it, and inflated by the browser when they are shown.

Figures define the shapes of their letters; in the page each shape stands once, in the part `glyphs`.
"""

import base64
import gzip
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["GLYPHS", "PART", "glyphs_in", "packed", "parts_of", "picture", "without_glyphs"]

GLYPHS = "glyphs"
"""Name of the part that maps identifiers of letters to their shapes."""
GLYPH = re.compile(r'<path id="([A-Za-z0-9-]+-[0-9a-f]+)"(?: d="[^"]*")? transform="scale\([0-9.]+\)"/>')
SIZE = re.compile(r'<svg [^>]*?width="([0-9.]+)pt" height="([0-9.]+)pt"')
POINT = 4 / 3
"""Pixels of a point, 1/72 inch, in a browser."""
EMPTY = "<defs></defs>"
PART = re.compile(r'<script type="text/plain" data-part="([^"]*)">([^<]*)</script>')


def packed(texts: Mapping[str, str]) -> dict[str, str]:
    """Compress texts to letters that HTML can hold; the same letters for the same text."""
    return {
        name: base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
        for name, text in texts.items()
    }


def parts_of(report: str | Path) -> dict[str, str]:
    """Read the parts of a page: name -> text."""
    page = Path(report).read_text(encoding="utf-8")
    return {name: gzip.decompress(base64.b64decode(data)).decode() for name, data in PART.findall(page)}


def glyphs_in(drawings: Iterable[str]) -> str:
    """Collect the shapes of the letters of SVGs as JSON: identifier -> element."""
    shapes = {match[1]: match[0] for drawing in drawings for match in GLYPH.finditer(drawing)}
    return json.dumps(dict(sorted(shapes.items())))


def without_glyphs(drawing: str) -> str:
    """Return an SVG without the shapes of its letters."""
    return GLYPH.sub("", drawing).replace(EMPTY, "")


def picture(file: Path, key: str) -> dict[str, Any]:
    """What the page needs of a drawing: an SVG as text and its size in pixels; any other picture as a data URI."""
    entry = {"key": key, "download": key.replace("/", "_") + file.suffix}
    if file.suffix != ".svg":
        data = base64.b64encode(file.read_bytes()).decode()
        return entry | {"svg": "", "uri": f"data:image/png;base64,{data}", "width": "", "height": ""}
    text = file.read_text(encoding="utf-8")
    size = SIZE.search(text)
    width, height = (round(float(length) * POINT) for length in size.groups()) if size else ("", "")
    return entry | {"svg": text, "uri": "", "width": width, "height": height}
