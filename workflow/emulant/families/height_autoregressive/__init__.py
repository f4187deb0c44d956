"""Conserved fluxes in two dimensions as heights and windings, one integer after another, and pairs given them."""
