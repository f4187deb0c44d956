"""Initial states of collisions of nuclei: entropy deposited in the transverse plane by T_RENTo's model [1412.4708]."""
