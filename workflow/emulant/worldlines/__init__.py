"""A complex phi^4 field at chemical potential, and its worldlines: weights, worms, exact solutions."""
