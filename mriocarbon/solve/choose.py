"""Which method for which question."""

from __future__ import annotations

# Break-even of GMRES against a fresh LU, measured on two cores with `python -m benchmarks solve`:
# no right-hand side at n = 2000, three at 3000, four to five at 4050.
SMALL = 3000  # sectors


def method_for(n: int, sides: int, factored: bool, asked: str = "auto") -> str:
    """Return ``"lu"`` or ``"gmres"``.

    Parameters
    ----------
    n : int
        Number of sectors.
    sides : int
        Number of right-hand sides.
    factored : bool
        True if the LU factors are already there.
    asked : {"auto", "lu", "gmres"}

    Examples
    --------
    >>> method_for(1000, 1, False), method_for(9800, 1, False), method_for(9800, 1, True)
    ('lu', 'gmres', 'lu')
    """
    if asked in ("lu", "gmres"):
        return asked
    if asked != "auto":
        from mriocarbon.errors import UnknownNameError

        raise UnknownNameError.of("method", asked, ["auto", "lu", "gmres"])
    return "gmres" if not factored and n >= SMALL and sides <= n // 1000 else "lu"
