"""Translation-invariant vector fields on a lattice that are linear in their weights, with everything in closed form."""
