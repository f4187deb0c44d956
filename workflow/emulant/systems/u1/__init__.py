"""Two-dimensional U(1) gauge theory with the Wilson action."""
