"""Units of the shelf: GeV and fm, c = k_B = 1."""

__all__ = ["HBARC"]

HBARC = 0.1973269804
"""hbar c in GeV fm (CODATA 2018)."""
