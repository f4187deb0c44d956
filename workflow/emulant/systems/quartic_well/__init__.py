"""A quartic potential in zero dimensions."""
