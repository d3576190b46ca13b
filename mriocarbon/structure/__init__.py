"""Where an account comes from: chains of production across borders, inequality, leakage."""
