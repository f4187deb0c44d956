"""Small references of any system, for tests that need an ensemble."""

from emulant.forms import form_of
from emulant.systems import samplers_of


def sample_reference(system, path, *, settings, seed, checkpoint=None, threads=1):
    """Write the ensemble that settings["sampler"] makes, or the half of a file that judges; returns its diagnostics."""
    if settings["sampler"] == "file":
        form = form_of(system.kind)
        return form.import_file(system, path, settings=settings, seed=seed, half="reference")
    sampler = samplers_of(system.kind)[settings["sampler"]]
    checkpoint = checkpoint or path.with_suffix(".npz")
    return sampler(system, path, settings=settings, seed=seed, checkpoint=checkpoint, threads=threads)
