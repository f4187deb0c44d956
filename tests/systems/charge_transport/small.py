"""A small system: oxygen, a few milliseconds an event."""

from emulant.systems.charge_transport.system import from_settings

OXYGEN = {"mass_number": 16, "radius": 2.608, "diffuseness": 0.513}
SMALL = {
    "kind": "charge_transport",
    "projectile": OXYGEN,
    "target": OXYGEN,
    "impact": [0.0, 3.0],
    "cross_section": 4.2,
    "nucleon_width": 0.5,
    "fluctuation": 1.6,
    "reduced_p": 0.0,
    "partons": 37.0,
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
