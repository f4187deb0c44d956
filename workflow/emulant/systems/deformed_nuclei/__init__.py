"""Bags of T_RENTo events of nuclei whose deformation is to be inferred."""
