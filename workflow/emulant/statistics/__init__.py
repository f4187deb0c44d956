"""Errors, cumulants, pulls and two-sample tests of numbers, without physics."""
