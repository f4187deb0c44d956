"""What pyproject.toml cannot say: the library takes the blocks of the models, the scales and the schemas along."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = {"config/models": "config/models", "config/scales": "config/scales", "workflow/schemas": "schemas"}
"""Folder of the checkout -> folder below emulant/shipped, where `emulant.configuration.places` looks for it."""


class BuildWithSettings(build_py):
    """Copy them beside the modules, but not into a checkout, which has them."""

    def run(self) -> None:
        """Build, and copy."""
        super().run()
        for source, target in {} if self.editable_mode else SHIPPED.items():
            shipped = Path(self.build_lib, "emulant", "shipped", target)
            shutil.copytree(source, shipped, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": BuildWithSettings})
