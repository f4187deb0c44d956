"""The last map of a flow on fields: order parameter, powers of waves and one-site cumulants as in the training fields."""
