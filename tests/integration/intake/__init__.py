"""Reading strangers' files in the real process."""
