"""Prints: guidance on paper, as a card, to be read aloud and heard; each says which revision it is."""
