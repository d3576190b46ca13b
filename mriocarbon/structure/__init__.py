"""Where an account comes from and why it changed: paths, chains, drivers, what-ifs."""
