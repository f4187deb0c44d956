"""A continuous flow to a part of the interaction, and annealing from there to the whole of it."""
