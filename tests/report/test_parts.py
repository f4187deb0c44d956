"""Parts of the page: compressed and read back, letters once, coordinates short."""

import re

import numpy as np

from emulant.plots.minify import minified
from emulant.plots.style import panels, save
from emulant.reporting.parts import glyphs_in, packed, parts_of, picture, without_glyphs


def test_parts_are_read_back_and_are_the_same_for_the_same_text(tmp_path):
    texts = {"gas": "κ₂ <b>…</b>" * 100, "peaks": ""}
    data = packed(texts)
    assert data == packed(texts) and len(data["gas"]) < 200
    page = "".join(f'<script type="text/plain" data-part="{n}">{d}</script>' for n, d in data.items())
    (tmp_path / "page.html").write_text(page)
    assert parts_of(tmp_path / "page.html") == texts


def test_a_figure_less_its_letters_and_the_letters_are_the_figure(tmp_path):
    figure, axes = panels()
    axes[0, 0].set(xlabel=r"$\phi_1$ of a field", title="title")
    save(figure, tmp_path / "figure.svg")
    drawn = picture(tmp_path / "figure.svg", "gas/figure")
    assert (drawn["width"], drawn["height"]) == (442, 307)
    svg, letters = drawn["svg"], glyphs_in([drawn["svg"], drawn["svg"]])
    bare = without_glyphs(svg)
    used = set(re.findall(r'href="#(DejaVu[^"]*)"', bare))
    assert used and all(letters.count(f'id=\\"{name}\\"') == 1 for name in used)
    assert 'id="DejaVu' not in bare and len(bare) < len(svg)


def test_coordinates_are_rounded_and_scales_are_not():
    assert (
        minified('<path d="M 103.456789 -0.001234567 \nL 5 6"/>').strip()
        == '<path d="M 103.46 -0.0012 L 5 6"/>'
    )
    assert "scale(0.0156)" in minified('<use transform="scale(0.015625)"/>')
    assert "-0 " not in minified('<path d="M -0.0000001 1"/>')


def test_a_drawing_is_the_same_bytes_again(tmp_path):
    for name in ("one", "two"):
        figure, axes = panels()
        axes[0, 0].plot(np.arange(5) / 3)
        save(figure, tmp_path / f"{name}.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
