"""A stochastic path sampler: Langevin paths with learned drifts ahead and back, trained on the work along whole paths."""
