"""Whom we may warn, and nothing more about them."""
