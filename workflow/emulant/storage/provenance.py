"""Where an output comes from: code, libraries, seed, device."""

import hashlib
import json
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import emulant
from emulant.storage.listing import listed

__all__ = ["code_version", "provenance"]

LIBRARIES = ("numpy", "scipy", "numba", "torch", "h5py", "pandas", "pyerrors", "scikit-learn", "safetensors")


@cache
def code_version() -> str:
    """The package's version, the digest of its sources, and the git commit where there is one."""
    root = Path(emulant.__file__).parent
    digest = hashlib.sha256()
    for file in listed(root, "**/*.py"):
        digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    commit = ""
    try:
        shown = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        commit = f" commit {shown.stdout.strip()}" if shown.returncode == 0 else ""
    except OSError:
        pass
    return f"{emulant.__version__} sources {digest.hexdigest()[:12]}{commit}"


@cache
def library_versions() -> str:
    """Versions of Python and of the libraries that numbers pass through, as JSON."""
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            continue
    return json.dumps(versions, sort_keys=True)


def provenance(
    *, system: str, parameters: dict[str, Any], sampler: str, seed: int, device: str = "cpu"
) -> dict[str, Any]:
    """Attributes of an ensemble; no times, so that equal runs give equal bytes."""
    return {
        "system": system,
        "parameters": json.dumps(parameters, sort_keys=True),
        "sampler": sampler,
        "seed": int(seed),
        "device": device,
        "code_version": code_version(),
        "library_versions": library_versions(),
    }
