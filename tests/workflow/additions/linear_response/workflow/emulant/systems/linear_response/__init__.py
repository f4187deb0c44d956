"""A linear response with Gaussian noise."""
