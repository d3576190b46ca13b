"""``python -m mriocarbon.cli``."""

from mriocarbon.cli.main import main

if __name__ == "__main__":
    main()
