"""The page is whole, says what must be said, and opens in a browser without asking anyone for anything."""

import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from emulant.reporting.parts import parts_of
from emulant.storage.records import read_json, write_json

from .conftest import draw, report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Balanced(HTMLParser):
    """Collects identifiers and fails where tags do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.images, self.links = [], [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        self.images += [values] if tag == "img" else []
        self.links += [values["href"]] if tag == "a" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(tree):
    return (tree / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parts(tree):
    """Pages of the experiments, and figures without their letters."""
    return parts_of(tree / "report.html")


@pytest.fixture(scope="module")
def whole(page, parts):
    """What a browser has shown in the end."""
    return page + parts["phi4_quench"] + parts["unmodelled"]


def text_of(page, start, end):
    part = page[page.index(start) :]
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", part[: part.index(end)])))


def test_the_index_lists_every_figure_that_has_data(tree):
    names = [figure["file"] for figure in read_json(tree / "phi4_quench/figures/index.json")["figures"]]
    expected = [
        "fields",
        "pulls",
        "correlator",
        "weight_of_order",
        "distributions",
        "cumulants",
        "likelihood",
        "training",
    ]
    assert names == [f"{name}.svg" for name in expected]


def test_tags_close_and_identifiers_are_unique_and_images_have_texts(page, parts):
    parser = Balanced()
    for text in (page, parts["phi4_quench"], parts["unmodelled"]):
        parser.feed(text)
    assert parser.open == []
    assert len(set(parser.ids)) == len(parser.ids)
    assert len(parser.images) == 9
    assert all(image["alt"] and int(image["width"]) > 200 for image in parser.images)
    places = {link[1:] for link in parser.links if link.startswith("#") and len(link) > 1}
    assert places <= {*parser.ids, "phi4_quench", "unmodelled", "all"}


def test_figures_are_small_and_each_letter_stands_once(tree, page, parts):
    """Compressed, and every letter that a figure uses is in the one table of shapes."""
    glyphs = json.loads(parts["glyphs"])
    drawn = re.findall(r"<script type=\"image/svg.xml\"[^>]*>(.*?)</script>", parts["phi4_quench"], re.DOTALL)
    assert len(drawn) == 8 and not any('<path id="DejaVu' in svg for svg in drawn)
    used = {name for svg in drawn for name in re.findall(r'href="#(DejaVu[^"]*)"', svg)}
    assert used and used <= set(glyphs)
    on_disk = sum(file.stat().st_size for file in (tree / "phi4_quench/figures").glob("*.svg"))
    assert len(page) < on_disk / 3


def test_tables_are_linked_beside_what_they_show(tree, parts):
    links = re.findall(r'href="([^"#]*\.csv)"', parts["phi4_quench"])
    assert {"phi4_quench/observables.csv", "phi4_quench/two_sample.csv"} <= set(links)
    assert all((tree / link).exists() for link in links)


def test_references_and_symbols_are_explained(parts):
    text = parts["phi4_quench"]
    assert 'href="https://arxiv.org/abs/2410.21212"' in text
    symbols = text_of(text, '<table class="symbols"', "</table>")
    assert "⟨|M|⟩ mean over configurations of |M| lattice units".replace(" ", "") in symbols.replace(" ", "")
    assert 'title="mean over configurations of |M|"' in text


def test_a_failed_set_is_named_as_a_set_and_what_is_not_judged_says_why(page):
    table = text_of(page, '<table id="verdict-table"', "</table>").replace(" ", "")
    assert "✗failκ2…κ4together,p=0.00023.73.25" in table
    assert "○notjudged(toofew)>37;ESS79%" in table and "thereferencedominates" not in table.split("VEdiff")[0]


def test_looks_are_those_of_the_whole_report(tree):
    assert "#882255" in (tree / "phi4_quench/figures/pulls.svg").read_text().lower()


def test_nothing_is_fetched_and_nothing_names_a_folder_of_this_machine(tree, whole):
    assert re.findall(r"src=[\"'](?!data:)", whole) == []
    assert not re.findall(r"url\((?!#)", whole)
    assert str(tree) not in whole


def test_the_verdict_table_says_it_in_words(page):
    table = text_of(page, '<table id="verdict-table"', "</table>")
    assert "VE diffusion cost yardstick ✗ fail" in table
    assert "9 ✓ pass −1.2; acc. 65 % ○ not judged (too few) > 37; ESS 79 % 4 ms × 4" in table
    assert "reference (quench) not equilibrated ✓ pass" in table


def test_the_verdict_of_a_reference_carries_the_identities_that_it_passed(page, parts):
    front = text_of(page, '<table id="verdict-table"', "</table>")
    assert "2 exact identities held against it, farthest ⟨φ ∂S/∂φ⟩ = 1 (−2.0)" in front
    table = text_of(parts["phi4_quench"], '<table class="identities"', "</table>")
    assert "⟨φ ∂S/∂φ⟩ = 1 0.01(2) +0.6 −0.05(2) −2.0 3.25 256" in table
    assert "⟨φ_{x+1} ∂S/∂φ_x⟩ = 0 0.001(2) +0.5 – – – –" in table


def test_values_pulls_and_failures_stand_in_the_table_of_observables(parts):
    page = parts["phi4_quench"]
    assert re.search(r"\d\.\d\d\(2\)", page)
    assert "+99.0 ✗" in page
    assert "1.0625" in page
    assert "gate · walls" in page


def test_partition_functions_stand_beside_effective_sample_sizes(parts):
    table = text_of(parts["phi4_quench"], '<table class="corrections"', "</table>")
    assert "effective sample size −ln Z slope" in table
    assert "VE diffusion 0.65 – 0.79(5) −1.25(3)" in table


def test_experiments_have_their_titles_and_say_what_they_are(page, parts):
    assert "φ⁴ after a quench" in text_of(parts["phi4_quench"], '<section id="phi4_quench"', "</h2>")
    for text in (page, parts["phi4_quench"]):
        assert "Short quenches (arXiv:2410.21212), not equilibrated." in text


def test_an_experiment_with_nothing_degrades_to_words(parts):
    section = text_of(parts["unmodelled"], '<section id="unmodelled"', "</section>")
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
    assert "The complex plane" in parts_of(copy / "report.html")["unmodelled"]


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
    check = """<script>location.hash = "all"; const look = setInterval(() => {
      const images = [...document.images];
      images.forEach((i) => { i.loading = "eager"; });
      if (images.length < 8 || !images.every((i) => i.naturalWidth)) return;
      clearInterval(look);
      const local = (name) => name.startsWith("data:") || name.startsWith("blob:");
      const requests = performance.getEntriesByType("resource").map((r) => r.name).filter((n) => !local(n));
      const sizes = images.map((i) => Math.min(i.naturalWidth, i.clientWidth));
      const wide = document.documentElement.scrollWidth > innerWidth;
      document.body.innerHTML = "<pre id=found>" + JSON.stringify({requests, sizes, wide}) + "</pre>";
    }, 50);</script></body>"""
    probe = tmp_path / "probe.html"
    probe.write_text(page.replace("</body>", check), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1400,2000",
        f"--user-data-dir={tmp_path}/c",
        "--virtual-time-budget=20000",
    ]
    done = subprocess.run([CHROMIUM, *flags, "--dump-dom", probe.as_uri()], capture_output=True, text=True,
                          timeout=120, check=True)  # fmt: skip
    rendered = json.loads(done.stdout.split('id="found">')[1].split("</pre>")[0])
    assert rendered["requests"] == []
    assert len(rendered["sizes"]) == 9
    assert min(rendered["sizes"]) > 200
    assert not rendered["wide"]
