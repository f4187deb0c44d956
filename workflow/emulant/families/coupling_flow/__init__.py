"""A discrete normalizing flow: gains of Fourier modes, functions of sites and of the zero mode, checkerboard couplings."""
