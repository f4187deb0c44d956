"""`emulant` on the command line: a thin layer over Snakemake, which does the work."""
