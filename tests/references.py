"""Small references of any system, for tests that need an ensemble."""

from emulant.systems import samplers_of


def sample_reference(system, path, *, settings, seed, checkpoint=None, threads=1):
    """Write the ensemble that settings["sampler"] makes; returns its diagnostics."""
    sampler = samplers_of(system.kind)[settings["sampler"]]
    checkpoint = checkpoint or path.with_suffix(".npz")
    return sampler(system, path, settings=settings, seed=seed, checkpoint=checkpoint, threads=threads)
