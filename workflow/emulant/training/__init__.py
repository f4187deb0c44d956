"""One loop for all families: device, precision, EMA, checkpoints, resume, progress."""
