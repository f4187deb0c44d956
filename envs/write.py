"""Write main.yaml from the pip lock, so that both say the same; `make envs` calls it."""

from pathlib import Path

HEAD = """\
# For --software-deployment-method conda: the versions of requirements.lock. Written by `make envs`, tested for drift.
# Snakemake copies this file before conda reads it, so it names every version here: a path would lead nowhere.
channels: [conda-forge, nodefaults]
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def pins(lock: Path) -> list[str]:
    """The lines `name==version` of a pip lock."""
    lines = (line.strip() for line in lock.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def environment(lock: Path) -> str:
    """The conda environment that holds what `lock` does."""
    return HEAD + "".join(f"      - {pin}\n" for pin in pins(lock))


if __name__ == "__main__":
    here = Path(__file__).parent
    here.joinpath("main.yaml").write_text(environment(here.parent / "requirements.lock"), encoding="utf-8")
