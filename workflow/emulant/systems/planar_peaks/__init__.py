"""Two Gaussian peaks in the plane."""
