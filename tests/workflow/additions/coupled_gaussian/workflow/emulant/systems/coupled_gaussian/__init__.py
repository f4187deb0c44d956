"""Two coupled Gaussian variables."""
