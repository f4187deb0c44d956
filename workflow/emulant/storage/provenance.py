"""Provenance of an output: code, libraries, seed, device."""

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import emulant
from emulant.storage.listing import listed

__all__ = ["code_version", "encoded", "provenance"]

# Those that compute or store numbers of the results.
LIBRARIES = ("numpy", "scipy", "numba", "torch", "h5py", "pandas", "pyerrors", "scikit-learn", "safetensors")


@cache
def code_version() -> str:
    """Return the package's version, the digest of its sources, and the git commit if there is one."""
    root = Path(emulant.__file__).parent
    digest = hashlib.sha256()
    for file in listed(root, "**/*.py"):
        digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    commit = ""
    try:
        result = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        commit = f" commit {result.stdout.strip()}" if result.returncode == 0 else ""
    except OSError:
        pass
    return f"{emulant.__version__} sources {digest.hexdigest()[:12]}{commit}"


@cache
def library_versions() -> str:
    """List the versions of Python and of the numerical libraries, as JSON."""
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
    """Collect the attributes of an ensemble; without times, so that equal runs give equal bytes."""
    return {
        "system": system,
        "parameters": json.dumps(parameters, sort_keys=True),
        "sampler": sampler,
        "seed": int(seed),
        "device": device,
        "code_version": code_version(),
        "library_versions": library_versions(),
    }


def encoded(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of an open ensemble as `provenance` made them: what was decoded is JSON again."""
    return {
        key: json.dumps(value, sort_keys=True) if isinstance(value, dict) else value
        for key, value in attributes.items()
    }
