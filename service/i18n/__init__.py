"""Which language to answer in, and the texts in it."""
