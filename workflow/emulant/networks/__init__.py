"""Torch modules from tensors to tensors: no physics, no training loop."""
