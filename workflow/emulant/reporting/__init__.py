"""What is shown of a run: its figures and its page, from whatever files are there."""
