"""Where a warning would point."""

import sys


def where_told(told: list[tuple[str, str]]):
    """Return a stand-in for `mriocarbon.errors.warn` that lists each text and the file it is of.

    The frames that mutation testing puts between a function and its caller do not count.
    """

    def warn(warning: Warning, stacklevel: int = 1) -> None:
        frame, files = sys._getframe(1), []
        while frame is not None:
            if "/mutmut/" not in frame.f_code.co_filename:
                files.append(frame.f_code.co_filename)
            frame = frame.f_back
        told.append((str(warning), files[stacklevel - 1]))

    return warn
