"""The tools over HTTP: an API, the Model Context Protocol, and pages."""
