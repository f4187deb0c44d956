"""Heavy-ion collisions, event by event."""
