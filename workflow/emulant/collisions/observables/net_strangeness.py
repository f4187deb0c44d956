"""Cumulants of the net strangeness at midrapidity."""

from emulant.collisions.declarations import net_charge_cumulants

observable = net_charge_cumulants("net_strangeness", r"C_n(S)", "S")
