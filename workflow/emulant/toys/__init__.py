"""Zero-dimensional systems whose every number is known."""
