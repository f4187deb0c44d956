"""Real scalar fields: shared observables, Schwinger-Dyson identities, systems of a single site."""
