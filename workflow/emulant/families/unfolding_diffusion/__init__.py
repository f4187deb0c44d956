"""Samples of what led to a last slice: linear errors, made non-Gaussian by a learned flow."""
