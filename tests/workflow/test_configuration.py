"""What Snakemake makes of the configuration before any job: errors, scales, overlays."""

import re
import shutil

import pytest

pytestmark = pytest.mark.pipeline

CRITICAL = "config/experiments/phi4_critical.yaml"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kappa: 0.26", "kapa: 0.26", r"system\.kapa: expected one of .*kappa"),
        ("kappa: 0.26", "kappa: large", r"system\.kappa: expected a number .*, got 'large'"),
        (
            "{sampler: hmc",
            "{samples: many, sampler: hmc",
            r"reference\.samples: expected an integer .*, got 'many'",
        ),
        ("models: [", "models: [ve_difusion, ", r"models\.0: expected one of .*mean ve_diffusion"),
    ],
)
def test_a_fault_is_one_line_before_any_job(checkout, edit, old, new, words):
    edit(checkout.path / CRITICAL, old, new)
    done = checkout.run()
    assert done.returncode != 0
    errors = [line for line in done.stdout.splitlines() if "error" in line.lower()]
    assert len(errors) == 1, done.stdout
    assert re.search(f"phi4_critical.yaml: {words}", errors[0])
    assert "Traceback" not in done.stdout
    assert not (checkout.path / "results").exists()


PEAKS = """
title: A test
about: Of the workflow itself.
system: {kind: planar_peaks, mean: 1.0, width: 0.25}
reference: {sampler: exact}
models: [energy, {name: metropolis_energy, generation: {metropolis_steps: 4}}, x-1, metropolis_energy.2]
"""


def test_names_with_hyphens_and_dots_are_planned(checkout, tmp_path):
    """A model whose name begins like that of one without a training of its own is trained all the same."""
    folder = checkout.copy(tmp_path / "names")
    for name in ("two-peaks", "peaks_k0.26"):
        folder.write(f"config/experiments/{name}.yaml", PEAKS)
    for name in ("x-1", "metropolis_energy.2"):
        shutil.copy(folder.path / "config/models/energy.yaml", folder.path / f"config/models/{name}.yaml")
    plan = folder.plan(config="scale=smoke experiments=[two-peaks,peaks_k0.26]")
    trained = {files.split(",")[0] for rule, files in plan if rule == "train"}
    assert trained == {
        f"results/smoke/{name}/{model}/weights.safetensors"
        for name in ("two-peaks", "peaks_k0.26")
        for model in ("energy", "x-1", "metropolis_energy.2")
    }
    assert [files.split("/")[3] for rule, files in plan if rule == "share"] == ["metropolis_energy"] * 2


def test_an_unknown_scale_and_key_of_the_command_line(checkout):
    for config, words in (
        ("scale=huge", "scale: expected one of laptop, paper, smoke, tour"),
        ("skale=smoke", "skale"),
    ):
        done = checkout.run("-n", config=config)
        assert done.returncode != 0
        assert words in done.stdout
        assert "Traceback" not in done.stdout


def test_no_scale_touches_what_another_wrote(checkout):
    """A field, events in shards and a model under conditions; test_sizes plans every experiment."""
    written, names = {}, ["two_peak", "au_au_central", "u1_diffusion"]
    for scale in ("smoke", "laptop", "paper", "tour"):
        plan = checkout.plan(config=f"scale={scale} experiments=[{','.join(names)}]")
        files = " ".join(files for _, files in plan).replace(",", " ").split()
        assert all(file.split("/")[1] == scale for file in files), files
        written[scale] = set(files)
        assert f"results/{scale}/subsets/{'+'.join(names)}/report.html" in files
    assert len(set.union(*written.values())) == sum(map(len, written.values()))


def test_an_overlay_asks_for_two_trainings(checkout):
    overlay = checkout.write("mine.yaml", "override: {phi4_critical: {trainings: 2}}\n")
    plan = checkout.plan("--configfile", overlay.name)
    trained = [files.split(",")[0] for rule, files in plan if rule == "train" and "training2" in files]
    assert "results/smoke/phi4_critical/ve_diffusion_training2/weights.safetensors" in trained
    assert {file.split("/")[2] for file in trained} == {"phi4_critical"}


def test_a_job_asks_for_all_the_gpus_that_it_can_use(checkout):
    asked = "{training: {devices: 4}, job: {gpus: 2}, reference: {backend: torch}}"
    overlay = checkout.write("gpus.yaml", f"override: {{phi4_critical: {asked}}}\n")
    target = "results/smoke/phi4_critical/ve_diffusion/ensemble_metropolis.h5"
    done = checkout.run("-n", target, "--configfile", overlay.name, "--resources", "gpu=4")
    assert done.returncode == 0, done.stdout[-4000:]
    jobs = re.findall(r"^rule (\w+):.*?^    resources: (.*?)$", done.stdout, re.MULTILINE | re.DOTALL)
    gpus = {rule: int(re.search(r"gpu=(\d+)", resources)[1]) for rule, resources in jobs}
    assert gpus == {"reference_fields": 2, "train": 4, "generate_fields": 2, "correct_fields": 2}
