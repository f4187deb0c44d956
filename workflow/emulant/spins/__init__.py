"""What systems of spins on a two-dimensional torus share: bonds, chains, exact results, observables.

Configurations are (N, L_y, L_x). A bond joins a site with the next one in each direction of its lattice; on the triangular
lattice the third direction is the diagonal (1, 1) of the square one. S = beta E, so that F = -ln Z / beta.
"""
