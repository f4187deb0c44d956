"""The published point-cloud diffusion of events."""
