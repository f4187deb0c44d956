"""Figures in one style; each function takes tables and returns a matplotlib figure."""
