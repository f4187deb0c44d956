"""Moments and cumulants of a complex variable, one file each."""
