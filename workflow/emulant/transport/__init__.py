"""Probability paths, their exact laws, and the transport along them: mathematics on tensors."""
