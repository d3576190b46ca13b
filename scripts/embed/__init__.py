"""The one command that derives all embedded data from the folder of source data."""
