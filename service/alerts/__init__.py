"""What is warned, who approved it, who gets it."""
