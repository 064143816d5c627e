"""What phones pull and keep: signed packs of zones, their index, and what changed."""
