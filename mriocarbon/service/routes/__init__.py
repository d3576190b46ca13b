"""What is behind each address; each module adds its own routes to the app."""
