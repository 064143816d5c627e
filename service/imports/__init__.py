"""A source's file becomes a plan, and the plan becomes zones: danger is added at once, never taken away."""
