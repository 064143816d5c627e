"""What anybody can look up: a place, a map, a zone."""
