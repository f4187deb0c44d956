"""The page is whole, says what must be said, and opens in a browser without asking anyone for anything."""

import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from emulant.storage.records import read_json, write_json

from .conftest import draw, report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Balanced(HTMLParser):
    """Collects identifiers and fails where tags do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.images = [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        self.images += [values] if tag == "img" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(tree):
    return (tree / "report.html").read_text(encoding="utf-8")


def text_of(page, start, end):
    part = page[page.index(start) :]
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", part[: part.index(end)])))


def test_the_index_lists_every_figure_that_has_data(tree):
    names = [figure["file"] for figure in read_json(tree / "phi4_quench/figures/index.json")["figures"]]
    expected = ["fields", "pulls", "correlator", "distributions", "cumulants", "likelihood", "training"]
    assert names == [f"{name}.svg" for name in expected]


def test_tags_close_and_identifiers_are_unique_and_images_have_texts(page):
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert len(set(parser.ids)) == len(parser.ids)
    assert all(image["alt"] and image["src"].startswith("data:image/") for image in parser.images)


def test_nothing_is_fetched_and_nothing_names_a_folder_of_this_machine(tree, page):
    outside = re.findall(r"(?:src|href)=[\"'](?!data:|#)", page)
    assert outside == []
    assert "url(" not in page
    assert str(tree) not in page


def test_the_verdict_table_says_it_in_words(page):
    table = text_of(page, '<table id="verdict-table"', "</table>")
    assert "VE diffusion cost yardstick ✗ fail" in table
    assert "+99.0 3.25 9 ✓ pass −1.2; acc. 65 % ○ not judged +0.7; ESS 79 % too few 4 ms × 4" in table
    assert "reference (quench) not equilibrated ✓ pass" in table


def test_the_verdict_of_a_reference_carries_the_identities_that_it_passed(page):
    front = text_of(page, '<table id="verdict-table"', "</table>")
    assert "identities held against it: <phi dS/dphi> = 1 (−2.0), <phi_{x+1} dS/dphi_x> = 0 (+0.5)" in front
    table = text_of(page, '<table class="identities"', "</table>")
    assert "<phi dS/dphi> = 1 0.01(2) +0.6 −0.05(2) −2.0 3.25 256" in table
    assert "<phi_{x+1} dS/dphi_x> = 0 0.001(2) +0.5 – – – –" in table


def test_values_pulls_and_failures_stand_in_the_table_of_observables(page):
    assert re.search(r"\d\.\d\d\(2\)", page)
    assert "+99.0 ✗" in page
    assert "1.0625" in page
    assert "gate · walls" in page


def test_partition_functions_stand_beside_effective_sample_sizes(page):
    table = text_of(page, '<table class="corrections"', "</table>")
    assert "effective sample size −ln Z slope" in table
    assert "VE diffusion 0.65 – 0.79(5) −1.25(3)" in table


def test_headings_write_greek_letters(page):
    assert "φ⁴ quench" in text_of(page, '<section id="phi4_quench"', "</h2>")


def test_an_experiment_with_nothing_degrades_to_words(page):
    section = text_of(page, '<section id="unmodelled"', "</section>")
    assert "two Gaussian peaks, mean = 2, width = 0.25" in section
    assert "No figures were drawn." in section
    assert "Nothing was measured." in section


def test_an_entry_in_the_index_is_a_figure_in_the_report(tree, tmp_path):
    copy = tmp_path / "smoke"
    shutil.copytree(tree, copy)
    figures = copy / "unmodelled/figures"
    figures.mkdir()
    shutil.copy(tree / "phi4_quench/figures/training.svg", figures / "plane.svg")
    write_json(figures / "index.json", {"figures": [{"file": "plane.svg", "title": "The complex plane"}]})
    report(copy)
    assert "The complex plane" in (copy / "report.html").read_text(encoding="utf-8")


def test_equal_results_give_equal_bytes(tree, tmp_path):
    copy = tmp_path / "smoke"
    shutil.copytree(tree, copy)
    draw(copy / "phi4_quench")
    report(copy)
    assert (copy / "report.html").read_bytes() == (tree / "report.html").read_bytes()


def test_neither_script_needs_torch():
    code = "import sys; import emulant.reporting.gallery, emulant.reporting.page, emulant.reporting.section; "
    done = subprocess.run([sys.executable, "-c", code + "print('torch' in sys.modules)"], capture_output=True,
                          text=True, check=True, timeout=120)  # fmt: skip
    assert done.stdout.strip() == "False"


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
def test_a_browser_shows_every_figure_and_asks_for_nothing(page, tmp_path):
    check = """<script>addEventListener("load", () => {
      const requests = performance.getEntriesByType("resource").map((r) => r.name).filter((n) => !n.startsWith("data:"));
      const sizes = [...document.images].map((i) => Math.min(i.naturalWidth, i.clientWidth));
      const wide = document.documentElement.scrollWidth > innerWidth;
      document.body.innerHTML = "<pre id=found>" + JSON.stringify({requests, sizes, wide}) + "</pre>";
    });</script></body>"""
    probe = tmp_path / "probe.html"
    probe.write_text(page.replace("</body>", check), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1400,2000",
        f"--user-data-dir={tmp_path}/c",
    ]
    done = subprocess.run([CHROMIUM, *flags, "--dump-dom", probe.as_uri()], capture_output=True, text=True,
                          timeout=120, check=True)  # fmt: skip
    rendered = json.loads(done.stdout.split('id="found">')[1].split("</pre>")[0])
    assert rendered["requests"] == []
    assert len(rendered["sizes"]) == 8
    assert min(rendered["sizes"]) > 200
    assert not rendered["wide"]
