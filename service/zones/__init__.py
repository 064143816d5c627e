"""Where the danger is."""
