"""An autoregressive model of angles: mixtures of von Mises laws of differences, which a turn of all angles leaves alone."""
