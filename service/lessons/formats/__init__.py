"""What courses are made into, one file an outside format."""
