"""What a system, a form of samples, a family and an observable must offer."""
