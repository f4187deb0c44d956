"""Events as clouds of particles: tensors, the published point-cloud diffusion, and the model that must beat it."""
