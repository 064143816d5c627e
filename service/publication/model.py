"""What phones pull."""
