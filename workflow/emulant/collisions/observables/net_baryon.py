"""Cumulants of the net baryon number at midrapidity."""

from emulant.collisions.declarations import net_charge_cumulants

observable = net_charge_cumulants("net_baryon", r"C_n(B)", "B")
