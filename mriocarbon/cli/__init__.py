"""The command line: each command parses, asks the api for a result, and hands it to report."""

from mriocarbon.cli.main import app, main

__all__ = ["app", "main"]
