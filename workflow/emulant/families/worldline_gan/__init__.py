"""A conditional generative adversarial network of the integers on links, as published, which learns their conservation."""
