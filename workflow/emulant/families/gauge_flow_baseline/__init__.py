"""The published flow of U(1) links, for its price: non-compact projections on stripes, from uniform links."""
