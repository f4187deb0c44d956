"""Errors, cumulants, pulls and tests: knows numbers, no physics."""
