"""Studies of phi^4: samplers that know the action alone, side by side."""

from emulant.scalar.sampler_comparison import compare_samplers

__all__ = ["studies"]

studies = {"samplers": compare_samplers}
