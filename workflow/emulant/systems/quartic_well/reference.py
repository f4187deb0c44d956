"""Samplers: independent draws from the exact law."""

from emulant.forms.independent import sample_exact

__all__ = ["samplers"]

samplers = {"exact": sample_exact}
