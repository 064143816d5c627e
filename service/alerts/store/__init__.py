"""All SQL of alerts: one file a group of tables."""
