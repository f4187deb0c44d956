"""What theories of angles on the links of a two-dimensional torus share.

Configurations are (N, 2, L_t, L_s): component 0 holds the links in the direction of time, the third axis, component 1 those
in the direction of space, the last axis. Densities are with respect to the Haar measure, the product of d theta / 2 pi.
"""
