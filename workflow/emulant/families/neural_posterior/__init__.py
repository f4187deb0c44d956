"""Neural posterior estimation: a normalizing flow of the parameters, conditioned on an encoded observation."""
