"""What every feature stands on; it knows nothing about explosives."""
