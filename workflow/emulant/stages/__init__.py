"""What the rules do, one module each: files in, library calls, files out."""
