"""The one command that builds the emissions database from the folder of source data."""
