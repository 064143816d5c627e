"""All SQL of delivery: one file a group of tables."""
