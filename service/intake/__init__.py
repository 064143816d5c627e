"""Hostile files become rows: every format that sources send, read without trusting it."""
