"""Design points of a simulation of a user's own: a table of parameters and observables, to be calibrated."""
