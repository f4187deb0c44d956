"""A binary tree of conditional sums of plaquettes: an exact triangular map."""
