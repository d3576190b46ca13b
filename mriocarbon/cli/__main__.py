"""``python -m mriocarbon.cli``."""

from mriocarbon.cli import main

if __name__ == "__main__":
    main()
