"""Two Gaussian peaks on a line."""
