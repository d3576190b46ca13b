"""A reference: an independent estimate of what a tonne of a good emits, with its interval.

Estimates are log-normal. What several references share (a price, an electricity factor, a cell
of the satellite) is kept as a *loading*: the change of ``ln R`` per standard deviation of that
factor. References with a factor in common are correlated through it,
``cov(ln R_i, ln R_j) = sum_k loading_i[k] loading_j[k]``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief
from mriocarbon.model.normal import Z95

__all__ = ["KINDS", "SCOPES", "Missing", "Reference"]

KINDS = ("mrio", "process", "published", "user")
"""Kinds of single references; a merged one joins them with ``+``."""
SCOPES = ("direct", "direct+indirect")
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference that does not exist, and why: missing is never zero.

    Attributes
    ----------
    cn, kind, reason : str
        CN code in digits, kind of reference that is missing, the reason in words.
    """

    cn: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reference:
    """One independent estimate of the embedded emissions of a good.

    Attributes
    ----------
    cn : str
        CN code, bare digits (4, 6 or 8).
    origin : str
        ISO3 of the country of production; ``OTHER`` for the rest.
    route : str
        The annex's route letter if the estimate is for one route; "" for the national mix.
    kind : str
        One of ``KINDS``; several joined by ``+`` after merging.
    name : str
        What a reader calls it.
    scope : str
        ``direct`` or ``direct+indirect``.
    boundary : str
        ``cbam`` where the boundary is that of the Regulation; otherwise in words.
    value, low, high : float
        Median and 95 % interval, t CO2e per t of good.
    log_sd : float
        Standard deviation of ``ln R``; its square is the sum of the squared loadings.
    loadings : mapping of str to float
        Change of ``ln R`` per standard deviation of each factor; shared factors share the key.
    cell : str
        The comparator cell: goods with the same one are not independent of each other.
    region_used : str
        The region whose data were taken.
    sources, assumed, notes : tuple of str
        Where the figures come from; which of them are assumed, with the reason; what a reader
        must know.
    """

    cn: str
    origin: str
    route: str
    kind: str
    name: str
    scope: str
    boundary: str
    value: float
    low: float
    high: float
    log_sd: float
    loadings: Mapping[str, float]
    cell: str
    region_used: str
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    __repr__ = brief

    def __post_init__(self) -> None:
        where = f"reference {self.name!r} of CN {self.cn}, origin {self.origin}"
        if not (math.isfinite(self.value) and self.value > 0):
            raise InputError(
                f"a reference needs a positive value in t CO2e/t, not {self.value!r}",
                where=where,
                do="leave the reference out and state a Missing instead; missing is not zero",
            )
        if self.scope not in SCOPES:
            raise InputError(
                f"unknown scope {self.scope!r}",
                where=where,
                do="use one of: " + ", ".join(SCOPES),
            )
        if not self.kind or any(kind not in KINDS for kind in self.kind.split("+")):
            raise InputError(
                f"unknown kind {self.kind!r}", where=where, do="use one of: " + ", ".join(KINDS)
            )
        squares = math.sqrt(sum(v * v for v in self.loadings.values()))
        if not math.isfinite(squares) or abs(squares - self.log_sd) > _CLOSE * (1 + squares):
            raise InputError(
                f"log_sd {self.log_sd!r} is not the root of the squared loadings, {squares!r}",
                where=where,
                do="build references with Reference.of, which computes it",
            )
        object.__setattr__(self, "loadings", MappingProxyType(dict(self.loadings)))

    def __reduce__(self) -> tuple[object, ...]:
        # a mapping proxy cannot be pickled; a plain dict becomes one again on the way in
        fields = [getattr(self, name) for name in self.__dataclass_fields__]
        place = list(self.__dataclass_fields__).index("loadings")
        fields[place] = dict(self.loadings)
        return (type(self), tuple(fields))

    @classmethod
    def of(
        cls,
        *,
        cn: str,
        origin: str,
        kind: str,
        name: str,
        scope: str,
        value: float,
        loadings: Mapping[str, float],
        cell: str,
        route: str = "",
        boundary: str = "cbam",
        region_used: str = "",
        sources: Iterable[str] = (),
        assumed: Iterable[str] = (),
        notes: Iterable[str] = (),
    ) -> Reference:
        r"""Build a reference; the interval follows from the loadings.

        .. math:: \sigma^2 = \sum_k \lambda_k^2, \qquad R e^{\pm 1.96 \sigma}

        Parameters
        ----------
        cn, origin, kind, name, scope, cell, route, boundary, region_used : str
            See :class:`Reference`; `region_used` defaults to `origin`.
        value : float
            Median, t CO2e per t of good, positive.
        loadings : mapping of str to float
            Change of ``ln R`` per standard deviation of each independent factor; zeros are
            dropped.
        sources, assumed, notes : iterable of str
            Doubled entries are dropped, the order stays.

        Returns
        -------
        Reference

        Raises
        ------
        InputError
            The value is not positive and finite, a loading is not finite, or the scope or kind
            is not known.

        Examples
        --------
        >>> r = Reference.of(cn="7208", origin="CHN", kind="user", name="plant X",
        ...                  scope="direct", value=2.0, loadings={"price.a": 0.3, "cell": 0.4},
        ...                  cell="user:plant X")
        >>> round(r.log_sd, 3), round(r.low, 2), round(r.high, 2)
        (0.5, 0.75, 5.33)
        """
        kept = {key: float(v) for key, v in loadings.items() if v != 0}
        log_sd = math.sqrt(sum(v * v for v in kept.values()))
        reach = math.exp(Z95 * log_sd) if math.isfinite(log_sd) and log_sd < 100 else math.nan
        return cls(
            cn=cn,
            origin=origin,
            route=route,
            kind=kind,
            name=name,
            scope=scope,
            boundary=boundary,
            value=float(value),
            low=float(value) / reach,
            high=float(value) * reach,
            log_sd=log_sd,
            loadings=kept,
            cell=cell,
            region_used=region_used or origin,
            sources=tuple(dict.fromkeys(sources)),
            assumed=tuple(dict.fromkeys(assumed)),
            notes=tuple(dict.fromkeys(notes)),
        )
