"""emulant: generative emulators of physics ensembles, judged by their cumulants."""

__version__ = "0.1.0"
