"""Speed of emulant and of public alternatives on the same work, each in its own process and environment.

    python benchmarks/peers.py                      # a few minutes; writes benchmarks/output/peers.md and peers.csv
    python benchmarks/peers.py --sections hmc errors --rounds 9

Every contender alternates with the yardstick of its section on one thread, so that other load on the machine slows both; the
result is the ratio of their CPU times (for sampling, of evaluations). Other packages are installed into temporary
environments; what cannot be installed or compiled is listed with the reason. Published algorithms without a package are
rewritten from their descriptions (benchmarks/contenders).
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("section", "unit", "contender", "version", "value", "yardstick", "ratio", "check", "check_error")
PATIENCE = 900
"""Seconds after which a contender is given up; the slowest installs and runs in minutes."""


@dataclass(frozen=True)
class Section:
    """Kind of work.

    Arguments:
        title: description of the work.
        unit: unit of a contender's value.
        check: quantity that must agree between contenders, or "".
        task: parameters passed to every contender.
    """

    title: str
    unit: str
    check: str
    task: dict


@dataclass(frozen=True)
class Contender:
    """Script of benchmarks/contenders.

    Arguments:
        script: name of the script.
        packages: packages to install; none if the current environment has them.
        ours: whether the environment created for it also contains our packages.
        options: additions to the section's task.
    """

    script: str
    packages: tuple[str, ...] = ()
    ours: bool = False
    options: tuple[tuple[str, str], ...] = ()

    @property
    def section(self) -> str:
        """Name of its section, the first word of the script's name."""
        return self.script.split("_")[0]


HMC = {"size": 32, "kappa": 0.26, "coupling": 0.022, "steps": 100, "step": 0.01, "chains": 64, "quench": 10}
# E2 of arXiv:1904.12072; each level has the forces of ours, eight, with a step that the kernel accepts.
TEMPERING = {
    "size": 8,
    "kappa": 0.288482876742,
    "coupling": 0.5,
    "walkers": 256,
    "runs": 16,
    "remaining": 0.95,
}
SECTIONS = {
    "hmc": Section("Hybrid Monte Carlo, 32², leapfrog of 100 steps", "site updates/s", "⟨φ²⟩ after 10", HMC),
    "errors": Section(
        "errors of κ₂ … κ₈ of 20 000 correlated configurations",
        "CPU s",
        "error of κ₄",
        {"configurations": 20_000, "sites": 64},
    ),
    "cumulants": Section(
        "κ₂ … κ₈ of 20 000 × 32²", "CPU s", "κ₄ = −1.2", {"configurations": 20_000, "size": 32}
    ),
    "sampling": Section(
        "evaluations until every mode's variance is within 1 %",
        "evaluations",
        "",
        {"size": 16, "kappa": 0.22},
    ),
    "network": Section("one evaluation of the network, 16²", "CPU ms/field", "", {"size": 16, "batch": 64}),
    "tempering": Section(
        "sequential Monte Carlo to strong coupling, 8²",
        "walkers/s",
        "−ln Z",
        TEMPERING | {"forces": 8, "step": 0.2},
    ),
    "generation": Section(
        "a whole configuration, 16²", "CPU ms/field", "", {"size": 16, "ours": 256, "theirs": 2}
    ),
}
CONTENDERS = (
    Contender("hmc_numpy"),
    *(Contender("hmc_jax", ("jax",), options=(("precision", p),)) for p in ("float64", "float32")),
    Contender("hmc_numba", ("numba",)),
    Contender("hmc_c"),
    *(Contender("hmc_emulant", options=(("precision", p),)) for p in ("float64", "float32")),
    Contender("errors_numpy"),
    Contender("errors_pyerrors", ("pyerrors",)),
    Contender("errors_emulant"),
    Contender("cumulants_numpy"),
    Contender("cumulants_scipy", ("scipy",)),
    Contender("cumulants_emulant"),
    Contender("sampling_notebook"),
    Contender("sampling_edm"),
    Contender("sampling_diffusers", ("diffusers",), ours=True),
    Contender("sampling_emulant"),
    Contender("network_emulant"),
    Contender("tempering_blackjax", ("blackjax",)),
    Contender("tempering_emulant"),
    Contender("generation_emulant"),
)
# UrQMD and generators of events are timed by a separate script, which writes rows of COLUMNS.
EVENTS = HERE / "events.py"


class Environments:
    """Temporary virtual environments, one for each set of packages."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.interpreters = folder, {}

    def python(self, contender: Contender) -> str:
        """Return the interpreter with the contender's packages.

        Raises:
            RuntimeError: with pip's message if they cannot be installed.
        """
        if not contender.packages:
            return sys.executable
        if contender.packages not in self.interpreters:
            path = self.folder / "-".join(contender.packages)
            self.interpreters[contender.packages] = path / "bin/python"
            _run([sys.executable, "-m", "venv", str(path)])
            if contender.ours:
                site = next(path.glob("lib/python*/site-packages"))
                (site / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
            packages = contender.packages if contender.ours else ("numpy", *contender.packages)
            _run([self.interpreters[contender.packages], "-m", "pip", "install", "--quiet", *packages])
        return str(self.interpreters[contender.packages])


def _run(command: list, environment: dict | None = None) -> str:
    done = subprocess.run(
        list(map(str, command)),
        **{"env": environment, "capture_output": True, "text": True, "timeout": PATIENCE, "check": False},
    )
    if done.returncode:
        message = (done.stderr or done.stdout).strip().splitlines()
        raise RuntimeError(message[-1] if message else f"exit status {done.returncode}")
    return done.stdout


def compete(contender: Contender, environments: Environments, rounds: int, seed: int) -> dict:
    """Run a contender; return its row of the table, with a reason instead of numbers if it did not run."""
    section = SECTIONS[contender.section]
    task = {**section.task, **dict(contender.options), "rounds": rounds, "seed": seed}
    name = " ".join([contender.script.split("_")[1], *dict(contender.options).values()])
    row = {"section": contender.section, "unit": section.unit, "contender": name}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    threads["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    library = [str(HERE.parent / "workflow"), str(HERE)]
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    try:
        python = environments.python(contender)
        script = HERE / "contenders" / f"{contender.script}.py"
        environment = {**inherited, **threads, "PYTHONPATH": os.pathsep.join(library)}
        out = _run([python, script, json.dumps(task)], environment)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        return {**row, "version": f"skipped: {error}"}
    return {**row, **json.loads(out.splitlines()[-1])}


def events(folder: Path) -> list[dict]:
    """Run benchmarks/events.py (UrQMD against heidi); return its rows."""
    table = folder / "events.csv"
    try:
        _run([sys.executable, EVENTS, "--table", table])
    except (RuntimeError, subprocess.SubprocessError) as error:
        return [{"section": "events", "contender": "events.py", "version": f"skipped: {error}"}]
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def disagreements(rows: list[dict]) -> list[str]:
    """Return contenders whose check differs by more than 5 errors from that of the first of their section."""
    different, first = [], {}
    for row in rows:
        if row.get("check") is None:
            continue
        other = first.setdefault(row["section"], row)
        error = max(1e-12, (row["check_error"] ** 2 + other["check_error"] ** 2) ** 0.5)
        if abs(row["check"] - other["check"]) > 5 * error:
            different.append(
                f"{row['contender']}: {row['check']:.4g}, {other['contender']}: {other['check']:.4g}"
            )
    return different


def markdown(rows: list[dict]) -> str:
    """Format the table as in README."""
    lines = [
        "| work | contender | ratio | value | yardstick in the same process | check |",
        "| --- " * 6 + "|",
    ]
    for row in rows:
        section = SECTIONS.get(row["section"])
        title = f"{section.title} ({section.unit})" if section else f"{row['section']} ({row.get('unit')})"
        numbers = [
            f"{float(row[key]):.3g}" if row.get(key) else "–" for key in ("ratio", "value", "yardstick")
        ]
        check = f"{row['check']:.4g}" if row.get("check") is not None else ""
        check = f"{section.check}: {check}" if check and section else check
        lines.append(f"| {title} | {row['contender']}: {row['version']} | {' | '.join(numbers)} | {check} |")
    return "\n".join(lines) + "\n"


def written_before(path: Path, sections: list[str]) -> list[dict]:
    """Read the rows of other sections from the table of an earlier run."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["section"] not in sections]
    numbers = ("check", "check_error")
    return [row | {key: float(row[key]) if row[key] else None for key in numbers} for row in rows]


def main() -> None:
    """Run all contenders, print and write the table; exit with 1 if checks disagree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sections", nargs="+", default=[*SECTIONS, "events"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "output")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        environments = Environments(Path(folder))
        for contender in CONTENDERS:
            if contender.section in options.sections:
                rows.append(compete(contender, environments, options.rounds, options.seed))
                print(
                    {key: rows[-1].get(key) for key in ("section", "contender", "ratio", "version")},
                    flush=True,
                )
        rows += events(Path(folder)) if "events" in options.sections else []
    order = [*SECTIONS, "events"]
    rows += written_before(options.output / "peers.csv", options.sections)
    rows.sort(key=lambda row: order.index(row["section"]))
    with (options.output / "peers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    (options.output / "peers.md").write_text(markdown(rows))
    print(f"\n{markdown(rows)}")
    if different := disagreements(rows):
        sys.exit("These disagree: " + "; ".join(different))


if __name__ == "__main__":
    main()
