"""Ensembles, tables, provenance: knows files, no physics."""
