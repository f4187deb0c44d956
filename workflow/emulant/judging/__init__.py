"""The judge: measures ensembles and compares them, above the physics and the statistics it uses."""
