"""A learned flow of gauge links: couplings of pairs of plaquettes behind a closed-form start."""
