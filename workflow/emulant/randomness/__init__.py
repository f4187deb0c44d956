"""Seeds of jobs and streams of random numbers."""
