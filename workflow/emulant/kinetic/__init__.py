"""Kinetic theory of heavy-ion collisions: our own surrogate of a transport model, not AMPT."""
