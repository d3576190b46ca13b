"""Where an account comes from and what would change it: extraction, linkages, scenarios, scopes."""
