"""A copy of the checkout with a few small experiments, to be run with faults and without."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pandas as pd

__all__ = ["PATIENCE", "ROOT", "Workplace", "bounded", "end", "undisturbed"]

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "tests/planned.py"
PARTS = ("Snakefile", "config", "workflow", "profiles", "resources", "envs")
# Together these run every script. Few chains reach their checkpoints soon.
EXPERIMENTS = {
    "field": """
title: A test
about: Of the workflow itself.
system: {kind: phi4, shape: [4, 4], kappa: 0.2, lambda: 0.02}
reference: {sampler: hmc, chains: 64, samples: 8192, training_samples: 8192}
models: [{name: ve_diffusion, network: {channels: 4}}]
""",
    "plane": """
title: A test
about: Of the workflow itself.
system: {kind: planar_peaks, mean: 1.0, width: 0.25}
reference: {sampler: exact, samples: 4096, training_samples: 4096}
models: [energy, {name: metropolis_energy, generation: {metropolis_steps: 8}}]
""",
    "events": """
title: A test
about: Of the workflow itself.
system: {kind: collision, projectile: [16, 8], target: [16, 8], energy: 10.0, impact: [0.0, 1.0]}
reference: {sampler: surrogate, samples: 80, training_samples: 64}
training: {batch: 8}
models: [{name: heidi, network: {channels: 8, blocks: 1, heads: 2}, generation: {steps: 2, batch: 32}}]
""",
    "cascade": """
title: A test
about: Of the workflow itself.
system: {kind: collision, projectile: [16, 8], target: [16, 8], energy: 10.0, impact: [0.0, 1.0]}
reference: {sampler: urqmd, samples: 64, training_samples: 64, shard: 40}
models: []
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
    "well": """
title: A test
about: Of the workflow itself.
system: {kind: quartic_well, mu2: -1.0, g: 0.4}
reference: {sampler: exact, samples: 4096, training_samples: 4096}
models: [{name: ve_diffusion, family: single_site, network: {kind: pointwise, channels: 8, blocks: 1, embedding: 8}}]
""",
}
# Wall times differ between equal runs; the report shows them.
EXCEPTED = ("cost/", "cost.csv", "report.html")
RETRIES, PATIENCE = 12, 900
KEPT = ROOT / ".snakemake/faults"


class Workplace:
    """A copy of the checkout with the experiments above.

    Attributes:
        path: where it lies.
        faults: where faults leave their marks.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.faults = path, path / "faults"

    @classmethod
    def make(cls, path: Path, source: Path = ROOT) -> "Workplace":
        """A fresh copy, with what Numba compiled in `source`."""
        path.mkdir(parents=True)
        for name in PARTS:
            if (source / name).is_dir():
                shutil.copytree(source / name, path / name, ignore=shutil.ignore_patterns(".*"))
            else:
                shutil.copy(source / name, path / name)
        for file in (path / "config/experiments").glob("*.yaml"):
            file.unlink()
        for name, text in EXPERIMENTS.items():
            (path / f"config/experiments/{name}.yaml").write_text(text)
        (path / "faults").mkdir()
        return cls(path)

    def start(self, *, disturbed: bool) -> subprocess.Popen:
        """All stages, in a process group of its own."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--config", "scale=smoke"]
        command += ["--retries", str(RETRIES), "--keep-going"] if disturbed else ["--retries", "0"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(self.path / "workflow")}
        # Provenance names the git commit where there is one: it must not depend on where a workplace lies.
        environment["GIT_CEILING_DIRECTORIES"] = str(self.path.parent)
        if disturbed:
            environment["PYTHONPATH"] += f":{Path(__file__).parent / 'inject'}"
            environment["FAULTS"] = str(self.faults)
        with (self.path / "run.log").open("a") as log:
            return subprocess.Popen(
                command, cwd=self.path, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def results(self) -> dict[str, str]:
        """SHA-256 of everything that must not differ, by name."""
        files = (file for file in sorted((self.path / "results").rglob("*")) if file.is_file())
        named = {file.relative_to(self.path / "results/smoke").as_posix(): file for file in files}
        return {
            name: hashlib.sha256(file.read_bytes()).hexdigest()
            for name, file in named.items()
            if not file.name.startswith(".") and not any(part in name for part in EXCEPTED)
        }

    def seconds(self) -> dict[str, float]:
        """How long the longest job of each script took, from the benchmark files that the plan names."""
        environment = {**os.environ, "PYTHONPATH": str(self.path / "workflow")}
        command = [sys.executable, str(PLAN), "smoke"]
        said = subprocess.run(
            command, cwd=self.path, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        longest: dict[str, float] = {}
        for job in json.loads(said.stdout.splitlines()[-1]):
            spent = float(pd.read_csv(self.path / job["benchmark"], sep="\t")["s"].iloc[0])
            longest[job["script"]] = max(longest.get(job["script"], 0.0), spent)
        return longest


def bounded(run: subprocess.Popen) -> int:
    """The exit status of a run that gets no more than its time, and none of ours."""
    try:
        return run.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        end(run)


def end(run: subprocess.Popen) -> None:
    """Leave nothing of a run, jobs included."""
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def undisturbed() -> Workplace:
    """A run without any fault; kept for as long as neither code nor experiments change."""
    workplace = Workplace(KEPT / _identity())
    if (workplace.path / "results/smoke/report.html").exists():
        return workplace
    shutil.rmtree(KEPT, ignore_errors=True)
    workplace = Workplace.make(workplace.path)
    if bounded(workplace.start(disturbed=False)) != 0:
        said = (workplace.path / "run.log").read_text()[-4000:]
        shutil.rmtree(KEPT)
        sys.exit(said)
    return workplace


def _identity() -> str:
    """Digest of everything that a run depends on."""
    digest = hashlib.sha256(f"{sys.version} {EXPERIMENTS}".encode())
    digest.update((ROOT / "requirements.lock").read_bytes())
    for part in PARTS:
        files = [ROOT / part, *sorted((ROOT / part).rglob("*"))]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
                digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]
