"""Risk education given: reports of sessions that were held, what classes learnt, and figures that show nobody."""
