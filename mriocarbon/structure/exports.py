"""What gross exports embody: Koopman, Wang & Wei's nine terms, Borin & Mancini's value added.

All formulas are linear in the content q, so that they hold for emissions as for value added: the
terms then add up to the emissions embodied in gross exports, double counting included. Notation
in `mriocarbon.structure.borders`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.provenance import Note
from mriocarbon.model.table import MRIO
from mriocarbon.structure.borders import Borders
from mriocarbon.structure.chain import EMISSIONS, OTHER, VALUE_ADDED, Chain, assemble, content_of

Array = NDArray[np.float64]

IMPORTER, FURTHER, BACK, DOMESTIC_TWICE, FOREIGN, FOREIGN_TWICE = (
    "domestic, absorbed by importer",
    "domestic, absorbed further on",
    "domestic, returned home",
    "domestic, counted twice",
    "foreign",
    "foreign, counted twice",
)
SOURCE = {
    IMPORTER: "DAVAX = q_s L_ss (Y_sr + A_sr L_rr Y_rr)",
    FURTHER: "VAX - DAVAX, VAX = q_s L_ss (Y_sr + A_sr sum_{c != s} X_rc)",
    BACK: "REF = q_s L_ss A_sr X_rs",
    DOMESTIC_TWICE: "DDC = q_s (B_ss - L_ss) T_sr, T_sr = Y_sr + A_sr sum_c X_rc",
    FOREIGN: "FVA = sum_{t != s} q_t B_ts B_ss^-1 L_ss T_sr",
    FOREIGN_TWICE: "FDC = sum_{t != s} q_t B_ts T_sr - FVA",
}
SINK = {
    IMPORTER: "VAXIM = q_s B_ss (Y_sr + A_sr W_rr), W = X - B_.s B_ss^-1 L_ss T_s by absorber",
    FURTHER: "VAX - VAXIM, VAX = q_s B_ss (Y_sr + A_sr sum_{c != s} W_rc)",
    BACK: "REF = q_s B_ss A_sr W_rs",
    DOMESTIC_TWICE: "DDC = q_s B_ss (T_sr - P_sr), P_sr = Y_sr + A_sr sum_c W_rc,"
    " T_sr the same of X",
    FOREIGN: "FVA = sum_{t != s} q_t B_ts P_sr",
    FOREIGN_TWICE: "FDC = sum_{t != s} q_t B_ts (T_sr - P_sr)",
}
WORLD = {
    "source": "FVA = sum_{t != s} q_t L_tt A_ts L_ss T_s",
    "sink": "FVA = sum_{t != s} q_t B_ts [sum_r Y_sr + sum_{r != t} A_sr L_rr Y_rr"
    " + A_st L_tt (Y_tt + sum_{j != t} (Y_tj + A_tj L_jj Y_jj))]",
}
KWW = {
    "1 final exports": "q_s B_ss sum_{r != s} Y_sr",
    "2 direct importer": "q_s sum_{r != s} B_sr Y_rr",
    "3 third regions": "q_s sum_{r != s} B_sr sum_{t != s, r} Y_rt",
    "4 returned in final products": "q_s sum_{r != s} B_sr Y_rs",
    "5 returned in inputs": "q_s sum_{r != s} B_sr A_rs L_ss Y_ss",
    "6 domestic, counted twice": "q_s sum_{r != s} B_sr A_rs L_ss T_s,"
    " T_s = sum_{r != s} (Y_sr + A_sr sum_c X_rc)",
    "7 foreign, in final exports": "sum_{t != s} q_t B_ts sum_{r != s} Y_sr",
    "8 foreign, in inputs": "sum_{t != s} q_t B_ts sum_{r != s} A_sr L_rr Y_rr",
    "9 foreign, counted twice": "sum_{t != s} q_t B_ts sum_{r != s} A_sr L_rr T_r",
}
OTHER_TEXT = "T - v'B T: taxes less subsidies and other inputs along the chain"
LEVELS = ("region", "sector", "bilateral", "bilateral sector")
METHODS = ("borin-mancini", "koopman-wang-wei")


def gross_exports(
    mrio: MRIO,
    *,
    stressor: str | None = None,
    content: str = "emissions",
    level: str = "region",
    method: str = "borin-mancini",
    perspective: str = "exporter",
    approach: str = "source",
) -> Chain:
    """Return what the gross exports of each region embody, by origin, absorption and counting.

    Content from s itself is q_s B_ss E_s, from abroad sum_{t != s} q_t B_ts E_s; with all primary
    inputs v'B = 1', so that both add up to gross exports E_s.

    Borin & Mancini, seen from the exporting country: a content counts once, however often it
    leaves s. Without the exports of s the inverse B^s has ``B^s_ss = L_ss`` and ``B^s_ts = B_ts
    B_ss^-1 L_ss``. ``source`` books it when it leaves s for the first time: q_s L_ss and
    q_t B^s_ts on every flow E_sr. ``sink`` books it when it leaves for the last time: q_s B_ss
    and q_t B_ts on ``P_sr = Y_sr + A_sr W_r``, where ``W = B^s (Y without the final exports of
    s)`` is output that does not pass through exports of s again. Summed over r both
    agree in REF, DDC, FVA, FDC and in VAX, the first two terms, which they cut differently.
    Seen from the world (region level only), foreign content counts once in all world exports:
    at its first (source) or last (sink) re-export. Every term is in `equations` of the result.

    Koopman, Wang & Wei: nine terms, region level. Their foreign terms 7 and 8 are known to leave
    out what returns to its origin and is exported again by it (Borin & Mancini); the sink approach
    from the world's perspective is the correction.

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    content : {"emissions", "primary inputs", "value added"}
        What q is: emissions per output; all primary inputs x' - 1'Z per output (value added,
        taxes less subsidies on products, other imports), for which the terms add up to gross
        exports; or the value added of the table without taxes, where one more term,
        ``other primary inputs``, holds the rest of gross exports.
    level : {"region", "sector", "bilateral", "bilateral sector"}
        ``sector`` is the exporting sector, ``region_to`` the direct importer.
    method : {"borin-mancini", "koopman-wang-wei"}
    perspective : {"exporter", "world"}
        Of Borin & Mancini.
    approach : {"source", "sink"}
        Of Borin & Mancini.

    Returns
    -------
    Chain
        Over (``region``, [``sector``, ``region_to``,] ``term``), in the unit of the stressor or
        of money. With emissions the sum over regions exceeds what the world emits for trade:
        an emission is in the gross exports of every region that its product passes through.
        Negative final demand is kept: the terms are linear in it and may be negative.
        Terms trace what final demand draws, T_sr in `equations`, which is E_sr where rows
        balance; the content of the rest of E_sr stands under ``unallocated``.

    Raises
    ------
    UnknownNameError
        No such stressor, content, level, method, perspective or approach.
    InputError
        A level that the method does not have.
    NotAvailableError
        No such stressor, or no value added, in the table.
    NotProductiveError
        The table has no Leontief inverse.

    References
    ----------
    Koopman, Wang & Wei (2014) doi:10.1257/aer.104.2.459. Borin & Mancini (2019) World Bank Policy
    Research Working Paper 8804; (2023) doi:10.1080/09535314.2022.2153221. The formulas were
    checked by the figures that the R package icio prints (`validation/run_chains.py`).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.exports import gross_exports
    >>> mrio = mc.load("oecd-icio-2022")
    >>> sold = gross_exports(mrio, content="primary inputs", method="koopman-wang-wei")
    >>> len(sold.terms), sold.closure < 1e-9
    (9, True)
    """
    for kind, given, known in (
        ("level", level, LEVELS), ("method", method, METHODS),
        ("perspective", perspective, ("exporter", "world")),
        ("approach", approach, ("source", "sink")),
    ):  # fmt: skip
        if given not in known:
            raise UnknownNameError.of(kind, given, known)
    nine = method == "koopman-wang-wei"
    if level != "region" and (nine or perspective == "world"):
        raise InputError(
            f"no level {level!r}: these terms are defined for the exports of a whole region",
            where=f"method {method!r}, perspective {perspective!r}",
            do="ask for level='region', or for the exporter's perspective of Borin & Mancini",
        )
    if nine and (perspective, approach) != ("exporter", "source"):
        raise InputError(
            "perspective and approach are options of Borin & Mancini",
            where=f"method {method!r}", do="leave them out",
        )  # fmt: skip
    traced = content_of(mrio, stressor, content)
    b = traced.borders
    money = content != EMISSIONS
    equations: Mapping[str, str]
    notes: tuple[Note, ...] = ()
    if not money:
        notes = (Note("regions must not be added up: what crosses several borders is in the gross"
                      " exports of each exporter"),)  # fmt: skip
    coords, terms, total = _levels(b, level, money)
    if nine:
        terms, equations, what = _nine(b), KWW, "Koopman, Wang & Wei"
        text = "terms 7 and 8 leave out foreign content that its origin gets back and exports again"
        notes = (*notes, Note(text))
    else:
        what = f"Borin & Mancini, {perspective}, {approach}"
        equations = SINK if approach == "sink" and perspective == "exporter" else SOURCE
        for s in b.regions:
            flows = _flows(b, s, perspective, approach)
            for name, flow in flows.items():
                terms.setdefault(name, np.zeros(total.shape))[s] = _summed(flow, level)
        if perspective == "world":
            foreign = _world(b, approach)
            terms[FOREIGN_TWICE] = terms[FOREIGN] + terms[FOREIGN_TWICE] - foreign
            terms[FOREIGN] = foreign
            equations = {**SOURCE, FOREIGN: WORLD[approach]}
    if content == VALUE_ADDED:
        m = b.economy.multipliers(b.economy.q)[0].reshape(b.R, b.S, 1)
        terms[OTHER] = np.stack([_summed(e, level) for e in (1.0 - m) * b.traced])
    return assemble(
        traced, f"gross exports ({what}) by {level}", terms, total, coords,
        {**equations, OTHER: OTHER_TEXT}, notes, additive=money,
    )  # fmt: skip


def _summed(flow: Array, level: str) -> Array:
    """Sum a flow, (S, R), to the level."""
    axes = {"region": (0, 1), "sector": (1,), "bilateral": (0,), "bilateral sector": ()}[level]
    return np.asarray(flow.sum(axis=axes))


def _levels(
    b: Borders, level: str, money: bool
) -> tuple[dict[str, tuple[str, ...]], dict[str, Array], Array]:
    """Return the labels of a level, no terms yet, and what the terms must add up to."""
    coords = {"region": b.mrio.regions}
    if "sector" in level:
        coords["sector"] = b.mrio.sectors
    if "bilateral" in level:
        coords["region_to"] = b.mrio.regions
    m = np.ones(b.R * b.S) if money else b.economy.multipliers(b.economy.q)[0]
    embodied = m.reshape(b.R, b.S, 1) * b.exports
    return coords, {}, np.stack([_summed(e, level) for e in embodied])


def _flows(b: Borders, s: int, perspective: str, approach: str) -> dict[str, Array]:
    """Return the six terms of one exporter, by sector and importer, (S, R) each."""
    R, S = b.R, b.S
    away = np.arange(R) != s
    A = b.sales(s).reshape(S, R, S)
    T, final = b.traced[s], b.Y[s] * away
    own = b.content[s, s][:, None]
    abroad = b.content[:, s].sum(axis=0)[:, None] - own
    if approach == "source" or perspective == "world":
        local = b.own_local[s][:, None]
        used = np.einsum("irj,rjc->irc", A, b.X, optimize=True) * away[None, :, None]
        at_once = final + np.einsum("irj,rj->ir", A, b.local_use) * away
        back = local * used[:, :, s]
        kept = local * (final + used.sum(axis=2)) - back
        first = np.zeros_like(abroad) if perspective == "world" else b.once(s).T @ abroad
        return {
            IMPORTER: local * at_once, FURTHER: kept - local * at_once, BACK: back,
            DOMESTIC_TWICE: (own - local) * T, FOREIGN: first * T,
            FOREIGN_TWICE: (abroad - first) * T,
        }  # fmt: skip
    columns = b.inverse_columns(s)
    once = np.linalg.solve(columns[b.block(s)], b.local[s])
    # Exports of s by absorber, and what is left of output without their further passages.
    used = np.einsum("irj,rjc->irc", A, b.X, optimize=True) * away[None, :, None]
    by_absorber = used.sum(axis=1) + final
    left = b.X - (columns @ (once @ by_absorber)).reshape(R, S, R)
    last = np.einsum("irj,rjc->irc", A, left, optimize=True) * away[None, :, None]
    passing = final + last.sum(axis=2)
    back = own * last[:, :, s]
    near = own * (final + last[:, np.arange(R), np.arange(R)])
    kept = own * (final + last.sum(axis=2)) - back
    return {
        IMPORTER: near, FURTHER: kept - near, BACK: back,
        DOMESTIC_TWICE: own * (T - passing), FOREIGN: abroad * passing,
        FOREIGN_TWICE: abroad * (T - passing),
    }  # fmt: skip


def _world(b: Borders, approach: str) -> Array:
    """Return FVA of every region seen from the world, shape (R,)."""
    R = b.R
    T = b.traced.sum(axis=2)
    off = ~np.eye(R, dtype=bool)
    if approach == "source":
        return np.asarray((np.einsum("tsi,si->ts", b.direct, T) * off).sum(axis=0))
    final = b.Y.sum(axis=2) - b.Y_own
    out = np.zeros(R)
    A_use = np.zeros((R, R, b.S))  # A_sr L_rr Y_rr by (s, r), 0 at r = s
    for s in b.regions:
        A_use[s] = np.einsum("irj,rj->ri", b.sales(s).reshape(b.S, R, b.S), b.local_use)
        A_use[s, s] = 0.0
    # What an origin t makes of its own content that comes back, up to its next re-export.
    again = b.Y_own + final + A_use.sum(axis=1)
    again = np.einsum("tij,tj->ti", b.local, again)
    for s in b.regions:
        A = b.sales(s).reshape(b.S, R, b.S)
        base = final[s] + A_use[s].sum(axis=0)
        for t in b.regions:
            if t != s:
                reached = base - A_use[s, t] + A[:, t] @ again[t]
                out[s] += b.content[t, s] @ reached
    return out


def _nine(b: Borders) -> dict[str, Array]:
    """Return the nine terms, (R,) each."""
    R = b.R
    off = ~np.eye(R, dtype=bool)
    final = b.Y.sum(axis=2) - b.Y_own  # sum_{r != s} Y_sr, (R, S)
    T = b.traced.sum(axis=2)
    own = np.einsum("ssi->si", b.content)
    abroad = b.content.sum(axis=0) - own
    reach = np.einsum("sri,ric->src", b.content, b.Y, optimize=True) * off[:, :, None]
    second = np.einsum("srr->s", reach)
    fourth = np.einsum("srs->s", reach)
    back = own - b.own_local
    local_export = np.einsum("rij,rj->ri", b.local, T)
    inputs, passed = np.zeros((R, b.S)), np.zeros((R, b.S))
    for s in b.regions:
        A = b.sales(s).reshape(b.S, R, b.S)[:, off[s]]
        inputs[s] = np.einsum("irj,rj->i", A, b.local_use[off[s]])
        passed[s] = np.einsum("irj,rj->i", A, local_export[off[s]])
    values = (
        (own * final).sum(axis=1), second, reach.sum(axis=(1, 2)) - second - fourth, fourth,
        (back * b.Y_own).sum(axis=1), (back * T).sum(axis=1), (abroad * final).sum(axis=1),
        (abroad * inputs).sum(axis=1), (abroad * passed).sum(axis=1),
    )  # fmt: skip
    return dict(zip(KWW, values, strict=True))
