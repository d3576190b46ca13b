"""Where an account comes from and why it changes: paths, chains, drivers."""
