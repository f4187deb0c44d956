"""Blocks of the config that several rooms build small models from."""

SMALL_DIFFUSION = {
    "name": "ve_diffusion",
    "family": "diffusion",
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "network": {"kind": "lattice", "channels": 4, "blocks": 2},
    "generation": {"solver": "latent_flow", "steps": 12},
}
