"""A flow of closed paths: Gaussian Fourier modes, and couplings in time that halve every gap."""
