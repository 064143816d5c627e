"""All SQL of zones: one file a group of tables."""
