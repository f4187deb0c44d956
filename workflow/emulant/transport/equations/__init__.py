"""The ladder of partial differential equations that a probability path obeys, as residuals: zero where its law is right."""
