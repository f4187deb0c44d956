"""What moves chains of the scalar field: compiled loops on the CPU, or torch on any device."""

from collections.abc import Callable

from emulant.lattice.trajectory import ScalarChains

__all__ = ["BACKENDS", "backend", "device_of"]

BACKENDS = ("numba", "torch")


def backend(name: str) -> Callable[..., ScalarChains]:
    """Return what makes chains of (shape, kappa, coupling, fields, seed=...), by its name in BACKENDS.

    Imports are late, so that the CPU alone does without torch.
    """
    if name == "torch":
        from emulant.lattice.torch_spread import torch_chains

        return torch_chains
    if name == "numba":
        from emulant.lattice.sampler import Chains

        return Chains
    raise ValueError(f"a backend of Hybrid Monte Carlo is one of {', '.join(BACKENDS)}, got {name}")


def device_of(name: str) -> str:
    """Name the device of a backend's chains in this process."""
    if name != "torch":
        return "cpu"
    from emulant.lattice.torch_spread import device_name

    return device_name()
