"""No sampler: design points come from a file."""

__all__ = ["samplers"]

samplers = {}
