"""Draw the figures of experiments and write the page, from the files that a run has left."""
