"""Events as clouds of particles: tensors, laws of numbers and spectra, and the networks of the models of events."""
