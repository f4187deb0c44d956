"""Invertible layers of fields on a lattice with exact determinants, and the networks that couple two halves of its sites."""
