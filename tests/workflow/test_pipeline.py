"""The whole workflow at smoke scale: what it judges, what reruns afterwards, its report in a browser."""

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from emulant.collisions.species import charges_of
from emulant.reporting.parts import PART, parts_of
from emulant.storage.records import read_json
from tests.audit import audited

pytestmark = pytest.mark.pipeline

LIBRARY = "workflow/emulant"
JUDGED = {"measure", "compare", "figures", "ledger", "report"}
VARIANTS = {"generate_variant_fields", "generate_variant_events"}
FORMS = {f"generate_{form}" for form in ("fields", "events", "pairs", "posteriors")}
GENERATED = {"correct_fields"} | FORMS | VARIANTS | JUDGED


def test_the_reference_passes_and_untrained_models_fail(road):
    table = pd.read_csv(road.path / "results/smoke/verdict.csv", keep_default_na=False)
    verdict = table.set_index(["experiment", "model", "variant"])["verdict"]
    assert (verdict.xs("reference", level="model") != "fail").all()
    assert verdict["two_peak", "ve_diffusion", ""] == "info", "smoke does not judge"
    untrained = table.set_index(["experiment", "model", "variant"]).loc[("two_peak", "ve_diffusion", "")]
    assert untrained["reason"] == "smoke" and abs(float(untrained["worst_pull"])) > float(untrained["limit"])


def test_events_are_generated_and_judged_like_fields(road):
    """Every event of heidi has the baryon number, charge and strangeness of two gold nuclei; all sources are judged."""
    folder = road.path / "results/smoke/surrogate_central"
    particles = pd.read_parquet(folder / "heidi/ensemble.parquet")
    charges = pd.DataFrame(charges_of(particles["pdg"].to_numpy())).groupby(particles["event"]).sum()
    np.testing.assert_array_equal(charges, np.tile([394, 158, 0], (48, 1)))
    comparison = pd.read_csv(folder / "comparison.csv", keep_default_na=False)
    sources = set(zip(comparison["model"], comparison["variant"], strict=True))
    assert sources == {("training", ""), ("heidi", ""), ("heidi", "unprojected")}
    figures = {file.stem for file in (folder / "figures").glob("*.svg")}
    assert {"pulls", "spectra_rapidity", "spectra_pt", "distributions", "training"} <= figures
    assert not {"fields", "cumulants", "likelihood"} & figures


def test_the_report_has_the_times_of_every_record_of_cost(road):
    parts = parts_of(road.path / "results/smoke/report.html")
    for folder in road.path.glob("results/smoke/*/cost"):
        section = parts[folder.parent.name]
        times = section.split("<summary>Times</summary>")[1].split("</table>")[0]
        shown = re.findall(r'<th scope="row">[^<]*</th><td>(\w+)</td>', times)
        assert shown == [read_json(file)["stage"] for file in sorted(folder.glob("*.json"))]


def test_a_run_of_one_experiment_replaces_no_page_of_all(road):
    results, names = road.path / "results/smoke", ("report.html", "verdict.csv", "comparison.csv", "cost.csv")
    before = {name: (results / name).read_bytes() for name in names}
    said = road.make("two_peak")
    assert {name: (results / name).read_bytes() for name in names} == before
    assert "The report: results/smoke/subsets/two_peak/report.html" in said
    table = pd.read_csv(results / "subsets/two_peak/verdict.csv")
    assert set(table["experiment"]) == {"two_peak"}
    parts = parts_of(results / "subsets/two_peak/report.html")
    assert "two_peak" in parts and "phi4_critical" not in parts
    links = re.findall(r'href="([^"#]*\.csv)"', parts["two_peak"])
    assert links and all((results / "subsets/two_peak" / link).exists() for link in links)
    assert "Nothing to be done" in road.make()


def test_a_changed_kappa_reruns_its_experiment_alone(road, edit):
    edit(road.path / "config/experiments/phi4_critical.yaml", "kappa: 0.26", "kappa: 0.255")
    plan = road.plan()
    assert ("reference_fields", "phi4_critical") in {(rule, files.split("/")[2]) for rule, files in plan}
    assert {files.split("/")[2] for rule, files in plan if rule not in ("ledger", "report")} == {
        "phi4_critical"
    }


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("lattice/observables/binder.py", JUDGED),
        ("training/loop.py", {"train", "share", "study"} | GENERATED),
        ("systems/bose_gas/figures.py", {"figures", "report"}),
        ("reporting/front.py", {"report"}),
    ],
)
def test_an_edit_of_the_library_reruns_what_uses_it(road, edit, file, rules):
    path = road.path / LIBRARY / file
    edit(path, '"""\n', '"""\n\n# Edited.\n')
    assert {rule for rule, _ in road.plan()} == rules


def test_an_edit_of_lattice_code_makes_no_event_again(road, edit):
    edit(road.path / LIBRARY / "lattice/leapfrog.py", '"""\n', '"""\n\n# Edited.\n')
    plan = road.plan()
    drawn = {"reference_fields", "train", "generate_fields", "correct_fields", "study"}
    assert {rule for rule, _ in plan} == drawn | JUDGED
    again = {files.split("/")[2] for rule, files in plan if rule.startswith(("reference", "shard"))}
    assert "phi4_critical" in again and not {"surrogate_central", "two_peak", "bose_gas"} & again


def test_an_edit_of_a_declaration_reruns_all_that_read_it(road, edit):
    """The page writes symbols and titles from it, and no job is told them otherwise."""
    name = "workflow/emulant/systems/bose_gas/schema.yaml"
    read = {process["rule"] for process in audited(road.audit) if name in process["reads"]}
    edit(road.path / name, "title: ", "title: the ")
    again = road.plan()
    assert {files.split("/")[2] for rule, files in again if rule not in ("ledger", "report")} == {"bose_gas"}
    assert read and read <= {rule for rule, _ in again}


def test_an_edit_of_a_family_reruns_its_models_alone(road, edit):
    edit(road.path / LIBRARY / "families/single_site.py", '"""\n', '"""\n\n# Edited.\n')
    trained = {files.split("/")[2] for rule, files in road.plan() if rule == "train"}
    assert trained == {"two_peak", "effective_action_single_well"}


def test_an_experiment_that_the_scale_skips_can_be_asked_for(road, edit):
    experiment = "effective_action_single_well"
    target = f"results/smoke/{experiment}/ve_diffusion/effective_action.csv"
    edit(road.path / f"config/experiments/{experiment}.yaml", "reference:", "skip: [smoke]\nreference:")
    (road.path / target).unlink()
    assert not any(experiment in files for _, files in road.plan())
    assert "verdict" not in road.make(target)
    table = pd.read_csv(road.path / target)
    assert {"t", "phi", "learned", "exact", "density"} <= set(table)
    assert table["learned"].notna().all()


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
def test_the_report_opens_in_a_browser(road, tmp_path):
    text = (road.path / "results/smoke/report.html").read_text()
    assert "http" not in PART.sub("", text) and len(text) < 10e6
    probe = tmp_path / "probe.html"
    check = """<script>location.hash = "all"; const look = setInterval(() => {
      const images = [...document.images];
      images.forEach((i) => { i.loading = "eager"; });
      if (images.length < 20 || !images.every((i) => i.src)) return;
      clearInterval(look);
      Promise.all(images.map((i) => i.decode())).then(() => {
        document.title = images.map((i) => i.naturalWidth > 0).join();
      });
    }, 50);</script></body>"""
    probe.write_text(text.replace("</body>", check))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000"]
    command += ["--dump-dom", probe.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    title = dom.split("<title>")[1].split("</title>")[0]
    assert set(title.split(",")) == {"true"}
    assert title.count("true") >= 20
    assert dom.count("<tr>") > 40
    assert "not equilibrated" in dom
