"""All SQL of imports: one file a group of tables."""
