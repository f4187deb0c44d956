"""Heavy-ion collisions: event generators, readers of what users have, observables of events."""
