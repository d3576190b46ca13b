"""Which method for which question."""

from __future__ import annotations

# Crossover measured on two cores with `python -m benchmarks.run solve`: GMRES needs about 25
# products of n^2 each where LU needs n^3/3 flops at many times the speed.
SMALL = 2000
FEW = 4


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
    return "gmres" if not factored and n >= SMALL and sides <= FEW else "lu"
