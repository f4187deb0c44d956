"""The whole road at smoke scale, in a copy of the checkout, and what reruns afterwards."""

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.pipeline


def snakemake(folder, *arguments, timeout=1500):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--config", "scale=smoke", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    """A copy that was run to its report; the library is the installed one."""
    folder = tmp_path_factory.mktemp("road")
    for name in ("Snakefile", "config", "workflow", "profiles", "resources", "envs"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    done = snakemake(folder, "--configfile", "config/config.yaml")
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return folder


def test_the_reference_passes_and_untrained_models_fail(road):
    verdict = pd.read_csv(road / "results/smoke/verdict.csv").set_index(["experiment", "source"])["verdict"]
    assert (verdict.xs("reference", level="source") != "fail").all()
    assert verdict["two_peak", "ve_diffusion"] == "fail"


def test_a_second_run_has_nothing_to_do(road):
    done = snakemake(road, "-n")
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_changed_kappa_reruns_its_experiment_alone(road):
    file = road / "config/experiments/phi4_critical.yaml"
    text = file.read_text()
    file.write_text(text.replace("kappa: 0.26", "kappa: 0.255"))
    plan = snakemake(road, "-n").stdout
    file.write_text(text)
    assert "results/smoke/phi4_critical/reference.h5" in plan
    assert "results/smoke/phi4_symmetric/reference.h5" not in [line.strip() for line in plan.splitlines()]
    assert "output: results/smoke/two_peak" not in plan


def test_a_typo_is_one_line_before_any_job(road):
    file = road / "config/experiments/phi4_critical.yaml"
    text = file.read_text()
    file.write_text(text.replace("kappa: 0.26", "kapa: 0.26"))
    done = snakemake(road, "-n")
    file.write_text(text)
    assert done.returncode != 0
    error = [line for line in (done.stdout + done.stderr).splitlines() if "Error" in line]
    assert len(error) == 1
    assert "phi4_critical.yaml: system.kapa" in error[0]


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
def test_the_report_opens_in_a_browser(road):
    page = road / "results/smoke/report.html"
    assert "http" not in page.read_text().replace("http://www.w3.org", "")
    probe = road / "probe.html"
    check = "<script>onload=()=>{document.title=[...document.images].map(i=>i.naturalWidth>0).join()}</script></body>"
    probe.write_text(page.read_text().replace("</body>", check))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", probe.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    title = dom.split("<title>")[1].split("</title>")[0]
    assert set(title.split(",")) == {"true"}
    assert title.count("true") >= 20
    assert dom.count("<tr>") > 40
    assert "not equilibrated" in dom
