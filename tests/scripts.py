"""Scripts of the workflow as modules, for tests that call their `main`."""

import importlib.util
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "workflow/scripts"


def script(name):
    """workflow/scripts/<name>.py, loaded anew."""
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
