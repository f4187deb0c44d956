"""Probability paths, their exact laws, and the transport along them: pure maths on tensors."""
