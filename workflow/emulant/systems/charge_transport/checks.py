"""What a schema cannot say: nuclei that meet, ranges whose ends are in order."""

from collections.abc import Mapping
from typing import Any

from emulant.errors import InputError
from emulant.systems.charge_transport.system import ChargeTransport

__all__ = ["check"]


def check(system: Mapping[str, Any]) -> None:
    """Hold a `system` block against what can be; raises InputError whose key is the faulty one."""
    transport = ChargeTransport(system)
    transport.collision.check()
    for name, (low, high) in {
        "separation": system["separation"],
        "parton_cross_section": transport.cross_sections,
    }.items():
        if low > high:
            raise InputError("system", name, "[lowest, highest]", system[name])
