"""Figures in one style, one file each: tables and arrays in, a matplotlib figure out."""
