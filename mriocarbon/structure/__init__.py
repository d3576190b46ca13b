"""Where an account comes from and why it changed: each method exact, tested by its identity."""
