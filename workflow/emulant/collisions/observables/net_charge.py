"""Cumulants of the net charge at midrapidity."""

from emulant.collisions.declarations import net_charge_cumulants

observable = net_charge_cumulants("net_charge", r"C_n(Q)", "Q")
