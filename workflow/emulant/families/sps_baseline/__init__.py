"""The stochastic path sampler as its authors' code describes it, a baseline."""
