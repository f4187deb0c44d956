"""Charge separation through a heavy-ion collision: our own kinetic surrogate, not AMPT."""
