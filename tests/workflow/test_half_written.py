"""Every rule is killed when an output has its last byte and not yet its name: no later job minds what is left."""

import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit import audited, undeclared

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(importlib.util.find_spec("chromo") is None, reason="chromo is not installed"),
]

# Together these run every rule; the ledger and the report gather the first.
EXPERIMENTS = {
    "plane-k0.26": """
title: A test
about: Of the workflow itself.
system: {kind: planar_peaks, mean: 1.0, width: 0.25}
models: [energy, {name: metropolis_energy, generation: {metropolis_steps: 4}}]
""",
    "well": """
title: A test
about: Of the workflow itself.
system: {kind: quartic_well, mu2: -1.0, g: 0.4}
models:
  - name: single-site.v2
    family: single_site
    path: {kind: variance_exploding, sigma: 10.0}
    network: {kind: pointwise, channels: 8, blocks: 1, embedding: 8}
    generation: {solver: latent_flow, steps: 24}
""",
    "gas": """
title: A test
about: Of the workflow itself.
system: {kind: bose_gas, mass: 1.0, lambda: 1.0, shape: [2, 4], mu: [0.6]}
reference:
  sampler: complex_langevin
  samples: 64
  training_samples: 64
  langevin_time: 5.0
studies: {silver_blaze: {extents: [2], sweeps: 64, walkers: 8, time: 5.0}}
models: []
""",
    "cascade": """
title: A test
about: Of the workflow itself.
system: {kind: collision, projectile: [16, 8], target: [16, 8], energy: 10.0, impact: [0.0, 1.0]}
reference: {sampler: urqmd, samples: 64, training_samples: 64, shard: 10}
models: []
""",
    "events": """
title: A test
about: Of the workflow itself.
system: {kind: collision, projectile: [16, 8], target: [16, 8], energy: 10.0, impact: [0.0, 1.0]}
reference: {sampler: surrogate, samples: 80, training_samples: 64}
training: {batch: 8, steps: 10}
models:
  - name: heidi
    network: {channels: 8, blocks: 1, heads: 2}
    generation: {steps: 2, samples: 64, batch: 32, unprojected: 32}
""",
    "links": """
title: A test
about: Of the workflow itself.
system: {kind: u1, beta: 1.0, shape: [4, 4]}
reference: {sampler: exact, samples: 128, training_samples: 128}
conditions: {beta: [0.8, 1.2]}
training: {steps: 4, batch: 16}
models:
  - name: gauge_diffusion
    network: {channels: 4, blocks: 1, embedding: 8}
    generation: {steps: 4, samples: 32, batch: 16, heat_bath: 16}
studies: {sweeps: {samples: 64, sweeps: [0, 1]}}
""",
    "charges": """
title: A test
about: Of the workflow itself.
system:
  kind: charge_transport
  projectile: {mass_number: 16, radius: 2.608, diffuseness: 0.513}
  target: {mass_number: 16, radius: 2.608, diffuseness: 0.513}
  impact: [0.0, 1.0]
  cross_section: 4.2
  nucleon_width: 0.5
  fluctuation: 1.6
  reduced_p: 0.0
  partons: 20.0
  temperature: 0.3
  flow: 0.3
  local_charges: 0.5
  parton_cross_section: 0.1
  hadron_cross_section: 1.0
  separation: [-0.15, 0.15]
  events: 1
reference: {sampler: transport, samples: 64, training_samples: 64}
studies: {background: {events: 32}}
models: [{name: survival_ratio, generation: {samples: 64, batch: 64}}]
""",
    "parameters": """
title: A test
about: Of the workflow itself.
system: {kind: linear_gaussian, prior: {a: {normal: [0.0, 1.0]}}, response: [[1.0], [0.5]], noise: [0.5, 0.5]}
reference: {sampler: prior, samples: 64, training_samples: 64}
models: [{name: linear_posterior, generation: {samples: 64, batch: 64}}]
""",
}
SAMPLES = "reference: {sampler: exact, samples: 512, training_samples: 512}\ntraining: {steps: 10}\n"
TARGETS = (
    "subsets/plane-k0.26/report.html",
    "well/single-site.v2/effective_action.csv",
    "well/single-site.v2/correction.json",
    "gas/silver_blaze.csv",
    "cascade/shards/reference.0.parquet",
    "events/heidi/ensemble.parquet",
    "events/heidi/ensemble_unprojected.parquet",
    "links/gauge_diffusion/ensemble_heat_bath.h5",
    "charges/survival_ratio/ensemble.h5",
    "parameters/linear_posterior/ensemble.h5",
)
ASKED = [f"results/smoke/{target}" for target in TARGETS]
CONFIG = "scale=smoke experiments=plane-k0.26"


@pytest.fixture(scope="module")
def killed(checkout, tmp_path_factory):
    """A copy of the checkout whose jobs were killed at every output, and what was noted of it."""
    folder = checkout.copy(tmp_path_factory.mktemp("half_written"))
    for name, text in EXPERIMENTS.items():
        folder.write(f"config/experiments/{name}.yaml", text if "reference:" in text else text + SAMPLES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALF_WRITTEN", str(folder.path / "notes"))
        folder.make(*ASKED, config=CONFIG)
    return folder, [json.loads(line) for line in (folder.path / "notes").read_text().splitlines()]


@pytest.fixture(scope="module")
def declared(killed):
    """Rule and name of every output of the jobs that Snakemake plans."""
    folder, _ = killed
    planned = subprocess.run(
        [sys.executable, str(Path(__file__).parents[1] / "planned.py"), "smoke"],
        cwd=folder.path,
        env=folder.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    jobs = json.loads(planned.stdout.splitlines()[-1])
    return {f"{job['rule']}.{name}" for job in jobs for name in job["outputs"]}


def _left(path):
    return [*path.glob("results/**/.*"), *path.glob("checkpoints/**/.*")]


def test_every_rule_declares_all_that_its_jobs_read(killed, declared):
    """HDF5, Parquet and safetensors, which no hook of Python's sees, among it."""
    processes = audited(killed[0].audit)
    assert not undeclared(killed[0].audit)
    assert {process["rule"] for process in processes} == {output.split(".")[0] for output in declared}
    read = {name for process in processes for name in {*process["inputs"]} & {*process["reads"]}}
    endings = (".h5", ".parquet", ".events.parquet", ".safetensors", ".csv", ".json", ".jinja")
    assert {end for end in endings if any(name.endswith(end) for name in read)} == {*endings}


def test_every_output_of_every_rule_was_lost(killed, declared):
    _, notes = killed
    assert {note["process"] for note in notes if "process" in note} == {-signal.SIGKILL}
    outputs = {note["output"] for note in notes if "output" in note}
    assert outputs == declared and len(outputs) > 45


def test_what_was_lost_is_made_again_to_the_byte(killed):
    folder, notes = killed
    sums = {note["file"]: note["sum"] for note in notes if "file" in note and not _has_times(note["output"])}
    now = {file: hashlib.sha256((folder.path / file).read_bytes()).hexdigest() for file in sums}
    assert now == sums and len(now) > 40


def _has_times(output):
    """Whether equal runs differ there: in costs and in the report, which shows them."""
    return output.endswith(".cost") or output == "report.report"


def test_a_later_run_removes_what_dead_processes_left(killed):
    folder, notes = killed
    left = _left(folder.path)
    assert {file.name.split(".elsewhere.")[0] for file in left} == {
        f".{Path(note['file']).name}" for note in notes if "file" in note
    }
    for file in left:
        os.utime(file, (0, 0))
    assert "Nothing to be done" in folder.make(*ASKED, config=CONFIG)
    assert not _left(folder.path)
