"""Inbound SMS: what people write to us, and what they are answered."""
