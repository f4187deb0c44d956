"""Torch modules: shapes in, shapes out; no physics, no training loop."""
