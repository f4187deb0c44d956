"""The pages as plain Markdown: links, what a script writes, and what README promises."""

import re
from pathlib import Path

import pytest
from written.configuration import config
from written.gallery import PILLARS
from written.measured import measured, measured_rows

from emulant.configuration.listing import experiment_names
from emulant.contracts.declaration import declared_family, declared_system, family_names, system_kinds
from emulant.storage.listing import listed
from emulant.storage.yaml_files import names_in, read_yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *listed(DOCS, "*.md"), *listed(DOCS / "questions", "*.md")]
LINK = re.compile(r"!?\[[^\]\[]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def headings(page):
    """Anchors of a page, as GitHub and the site write them."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line).lower() for line in lines)
    return {re.sub(r"[^\w\- ]", "", line).strip().replace(" ", "-") for line in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    wrong = []
    for target in LINK.findall(text):
        name, _, anchor = target.partition("#")
        # A formula may look like a link.
        if "://" in target or not re.search(r"[./#]", target):
            continue
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in headings(file)):
            wrong.append(target)
    assert not wrong


def test_readme_can_be_skimmed():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    assert sum(line.startswith("![") for line in lines) == 1
    assert max(len(cell.split()) for line in lines if line.startswith("|") for cell in line.split("|")) < 40


def test_measured_rows_are_collected_and_other_tables_passed_over(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n## Measured\nWords.\n\n| | a | b |\n| --- | --- | --- |\n| x | 1 | 2 |\n\n"
        "| claim | number | command |\n| --- | --- | --- |\n| a \\| b | 3(1) | `run` |\n\n"
        "## Next\n| c | n | command |\n|-|-|-|\n| y | 4 | `no` |\n"
    )
    assert measured_rows(page) == [("a \\| b", "3(1)", "`run`")]


def test_every_row_of_this_checkout_is_on_the_page_of_all():
    page = measured()
    rows = [row for file in listed(DOCS, "*.md") for row in measured_rows(file)]
    assert len(rows) > 50 and all(f"| {' | '.join(row)} |" in page for row in rows)
    longest = max(len(cell.split()) for row in rows for cell in row)
    assert longest <= 80, "a claim, a figure and a command, no paragraph"


def test_the_reference_has_every_key():
    page = config()
    for kind in system_kinds():
        keys = [key for key in declared_system(kind)["system"]["properties"] if key != "kind"]
        section = page.split(f"## System `{kind}`")[1].split("\n## ")[0]
        assert all(f"| `{key}` |" in section for key in keys), kind
        assert all(f"`{sampler}`" in section for sampler in declared_system(kind)["samplers"])
    for name in family_names():
        section = page.split(f"## Family `{name}`")[1].split("\n## ")[0]
        assert all(f"| `{key}` |" in section for key in declared_family(name)["properties"]), name


def test_the_gallery_shows_pictures_and_experiments_that_exist():
    names = names_in(ROOT / "config/experiments")
    for page, picture, experiments in PILLARS.values():
        assert (DOCS / page).exists() and (DOCS / "pictures" / picture).resolve().exists()
        assert set(experiments) <= set(names)
    kinds = {read_yaml(ROOT / f"config/experiments/{name}.yaml")["system"]["kind"] for name in names}
    shown = [name for *_, experiments in PILLARS.values() for name in experiments]
    covered = {read_yaml(ROOT / f"config/experiments/{name}.yaml")["system"]["kind"] for name in shown}
    assert kinds - covered <= {"planar_peaks"}


def test_the_tour_is_in_the_gallery():
    shown = {name for *_, experiments in PILLARS.values() for name in experiments}
    assert set(experiment_names(ROOT / "config", "all", "tour")) <= shown


def test_the_sites_contents_are_pages_that_exist():
    """Pages that no table of contents names are added when the site is built."""
    entries = re.findall(
        r"^(?:.*<)?([\w/]+)>?$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    pages = {page.relative_to(DOCS).with_suffix("").as_posix() for page in PAGES[1:]}
    assert len(entries) > 25 and set(entries) <= pages | {
        f"autoapi/emulant/{room}/index" for room in ("api", "contracts")
    }
