"""Where the settings that come with emulant lie: in its checkout, or beside the installed library."""

from pathlib import Path

from emulant.contracts.declaration import LIBRARY

__all__ = ["config_folder", "schema_folder"]

CHECKOUT, SHIPPED = LIBRARY.parents[1], LIBRARY / "shipped"


def config_folder() -> Path:
    """Folder of models and scales."""
    return CHECKOUT / "config" if (CHECKOUT / "config" / "models").is_dir() else SHIPPED / "config"


def schema_folder() -> Path:
    """Folder of the frames of the schemas."""
    return (
        CHECKOUT / "workflow" / "schemas"
        if (CHECKOUT / "workflow" / "schemas").is_dir()
        else SHIPPED / "schemas"
    )
