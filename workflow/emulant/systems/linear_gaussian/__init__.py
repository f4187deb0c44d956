"""A linear response with Gaussian noise, whose posterior and evidence are closed forms."""
