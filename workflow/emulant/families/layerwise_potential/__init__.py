"""Potentials of an action smeared by noise, fitted layer by layer on the equation that they obey."""
