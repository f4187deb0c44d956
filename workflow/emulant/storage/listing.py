"""Files of a folder, without those that are nobody's: macOS leaves `._NAME` and editors `.#NAME` beside a file."""

from pathlib import Path

__all__ = ["listed"]


def listed(folder: Path, pattern: str) -> list[Path]:
    """List the files of `folder` that match `pattern`, sorted; nothing hidden, and nothing in hidden folders."""
    return sorted(file for file in folder.glob(pattern) if not _hidden(file.relative_to(folder)))


def _hidden(file: Path) -> bool:
    return any(part.startswith(".") for part in file.parts)
