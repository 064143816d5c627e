"""Guidance: what to do and whom to call, as texts, numbers and pictures; checked so that no wrong word goes out."""
