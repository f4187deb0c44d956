"""emulant: generative emulators of physics ensembles, judged by their cumulants.

    import emulant

    phi4 = emulant.system("phi4", shape=(8, 8), kappa=0.24, lambda_=0.022)
    reference, training = (emulant.reference(phi4, 4096, seed=seed) for seed in (1, 2))
    model = emulant.fit("flow_matching", training, steps=100)
    print(emulant.compare(emulant.sample(model, 1024), reference))

What stands here is loaded when it is first asked for.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

ROOMS = {
    "Comparison": "judgement",
    "Ensemble": "ensembles",
    "Model": "models",
    "Weights": "judgement",
    "compare": "judgement",
    "ensemble": "ensembles",
    "exact": "systems",
    "fit": "models",
    "halves": "ensembles",
    "kinds": "systems",
    "load": "loading",
    "measure": "judgement",
    "models": "models",
    "observables": "systems",
    "reference": "ensembles",
    "sample": "models",
    "system": "systems",
    "weights": "judgement",
}
"""Name -> module of `emulant.api` that has it."""

__all__ = [*ROOMS, "InputError"]


def __getattr__(name: str) -> Any:
    """Load what is asked for."""
    if name == "InputError":
        return import_module("emulant.errors").InputError
    if name not in ROOMS:
        raise AttributeError(f"module emulant has no {name}")
    return vars(import_module(f"emulant.api.{ROOMS[name]}"))[name]


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
