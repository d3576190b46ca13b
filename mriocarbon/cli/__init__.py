"""The command line: each command parses, asks the api for a result, and hands it to report."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line. Ctrl-C may also come while it is loaded, before typer looks for it."""
    try:
        from mriocarbon.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
