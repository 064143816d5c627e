"""What an accident or a find is."""
