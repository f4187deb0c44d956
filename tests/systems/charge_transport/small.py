"""A small system: oxygen, a few milliseconds an event."""

from emulant.systems.charge_transport.system import from_settings

SMALL = {
    "kind": "charge_transport",
    "projectile": [16, 8],
    "target": [16, 8],
    "impact": [0.0, 3.0],
    "nucleon_cross_section": 4.2,
    "partons": 14.0,
    "temperature": 0.3,
    "flow": 0.0,
    "local_charges": 0.0,
    "parton_cross_section": 0.1,
    "hadron_cross_section": 1.0,
    "separation": [-0.5, 0.5],
    "events": 2,
}


def system(**changes):
    return from_settings(SMALL | changes)
