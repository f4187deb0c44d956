"""An autoregressive model of spins: rows summed exactly, and what they leave by heads on the boundary and row 0."""
