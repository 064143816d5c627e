"""Accidents and finds: events that are evidence, never areas (R9)."""
