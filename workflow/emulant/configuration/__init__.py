"""Experiments, scales, seeds, source digests: knows YAML, no physics."""
