"""Codes of the Combined Nomenclature: 4, 6 or 8 digits, kept without spaces."""

from __future__ import annotations

import re

from mriocarbon.errors import InputError

LENGTHS = (4, 6, 8)


def cn_digits(code: str | int) -> str:
    """Return a CN code as bare digits.

    Parameters
    ----------
    code : str or int
        Of 4, 6 or 8 digits; spaces, dots and no-break spaces between them are dropped.

    Returns
    -------
    str

    Raises
    ------
    InputError
        Anything else; the message says what is wrong with it.

    Examples
    --------
    >>> cn_digits("7207 11 11"), cn_digits("7208"), cn_digits(76011010)
    ('72071111', '7208', '76011010')
    """
    if isinstance(code, bool) or not isinstance(code, (str, int)):
        raise _malformed(code, f"it is of type {type(code).__name__}")
    text = re.sub(r"[\s.\u00a0\u202f]", "", str(code))
    if not text:
        raise _malformed(code, "it is empty")
    if not (text.isascii() and text.isdigit()):
        wrong = sorted({c for c in text if not (c.isascii() and c.isdigit())})
        raise _malformed(code, f"it holds {', '.join(map(repr, wrong))}")
    if len(text) not in LENGTHS:
        lost = " (a leading zero may be lost)" if isinstance(code, int) else ""
        raise _malformed(code, f"it has {len(text)} digits{lost}")
    return text


def _malformed(code: object, why: str) -> InputError:
    return InputError(
        f"malformed CN code {code!r}: {why}",
        where="CN code",
        do='give 4, 6 or 8 digits as text, such as "7208", "7211 23" or "72071111"',
    )


def spaced(cn: str) -> str:
    """Return digits as the law prints them.

    Examples
    --------
    >>> spaced("72071111"), spaced("721123"), spaced("7208")
    ('7207 11 11', '7211 23', '7208')
    """
    return " ".join(part for part in (cn[:4], cn[4:6], cn[6:8]) if part)


def covers(heading: str, cn: str) -> bool:
    """Whether a heading (digits) covers a code: the code is the heading or lies below it.

    Examples
    --------
    >>> covers("7208", "72083600"), covers("72083600", "7208")
    (True, False)
    """
    return cn.startswith(heading)
