"""Files that name places, one module a format."""
