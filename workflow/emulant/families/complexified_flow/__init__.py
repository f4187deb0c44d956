"""A flow to the real density of complexified charged fields, at all chemical potentials at once."""
