"""Cumulants of net baryon number, charge and strangeness in acceptance windows."""

from emulant.collisions.acceptance import WINDOWS
from emulant.collisions.conserved import CHARGE_NAMES
from emulant.collisions.declarations import net_charge_cumulants

observables = tuple(net_charge_cumulants(charge, suffix) for charge in CHARGE_NAMES for suffix in WINDOWS)
