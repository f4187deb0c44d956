"""Cumulants of both coordinates, one file each."""
