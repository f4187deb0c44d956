"""A particle in a polynomial potential: closed paths in imaginary time."""
