"""All SQL of incidents: one file a group of tables."""
