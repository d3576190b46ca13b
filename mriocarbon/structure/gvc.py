"""Emissions and value added along global value chains: forward, backward, in gross exports.

After Meng, Peters, Wang & Li (2018), Tracing CO2 emissions in global value chains, Energy Economics
73, doi:10.1016/j.eneco.2018.05.013 (UNVERIFIED: neither the paper nor its preprint, IDE
Discussion Paper 486, could be opened; the terms below are derived from the identities that they
must meet, and their numbering is our own). Notation in `mriocarbon.structure.borders`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import UNALLOCATED
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.checked import need_table
from mriocarbon.model.provenance import Note
from mriocarbon.model.table import MRIO
from mriocarbon.structure.borders import Borders
from mriocarbon.structure.chain import OTHER, VALUE_ADDED, Chain, assemble, content_of
from mriocarbon.structure.exports import gross_exports

Array = NDArray[np.float64]

FORWARD = {
    "home": "q_s L_ss Y_ss: for own final demand, no border crossed",
    "final exports": "q_s L_ss Y_sr: in final products bought by r",
    "direct importer": "q_s L_ss A_sr L_rr Y_rr: in inputs that r makes into its own final demand",
    "importer again": "q_s L_ss A_sr (X_rr - L_rr Y_rr): the same, after leaving r and coming back",
    "third regions": "q_s L_ss A_sr X_rc, c != r, s: in inputs that r passes on to others",
    "returned home": "q_s L_ss A_sr X_rs: in inputs that come back for own final demand",
}
BACKWARD = {
    "home": "q_s L_ss Y_s: in the region that finishes the product, no border crossed",
    "home, returned": "q_s (B_ss - L_ss) Y_s: there too, in inputs that went abroad and came back",
    "direct supplier": "q_t L_tt A_ts L_ss Y_s, t != s: abroad, one border crossed",
    "further suppliers": "q_t B_ts Y_s - direct supplier: abroad, two and more borders crossed",
}
OTHER_TEXT = "1'Y_s - v'B Y_s: taxes less subsidies and other inputs along the chain"


def chains(
    mrio: MRIO, view: str = "forward", *, stressor: str | None = None, **options: Any
) -> Chain:
    """Return a decomposition of emissions or value added along global value chains.

    Parameters
    ----------
    mrio : MRIO
    view : {"forward", "backward", "exports"}
        `forward`: where what a region emits goes. `backward`: where what a final product embodies
        comes from. `exports`: what the gross exports of a region embody.
    stressor : str, optional
        GHG, or the only one, by default.
    **options
        Of `forward`, `backward` or `gross_exports`.

    Returns
    -------
    Chain
        Terms along the last axis; they add up to production (forward), to the footprint of final
        products (backward), to gross exports or what they embody (exports).

    Raises
    ------
    UnknownNameError
        No such view, stressor, level, or option of the view.
    InputError
        Options that exclude each other.
    NotAvailableError
        The table has no such stressor or no value added.
    NotProductiveError
        The table has no Leontief inverse.

    References
    ----------
    Meng, Peters, Wang & Li (2018); Koopman, Wang & Wei (2014) doi:10.1257/aer.104.2.459;
    Borin & Mancini (2023) doi:10.1080/09535314.2022.2153221.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.gvc import chains
    >>> found = chains(mc.load("oecd-icio-2022"))
    >>> found["CHN", "home"] > found["CHN", "final exports"] > found["CHN", "returned home"]
    True
    """
    need_table(mrio, "chains, mrio")
    views: dict[str, Callable[..., Chain]] = {
        "forward": forward, "backward": backward, "exports": gross_exports,
    }  # fmt: skip
    if not isinstance(view, str) or view not in views:
        raise UnknownNameError.of("view", view, views)
    import inspect

    known = [p for p in inspect.signature(views[view]).parameters if p != "mrio"]
    for option in options:
        if option not in known:
            raise UnknownNameError.of(f"option of view {view!r}", option, known)
    return views[view](mrio, stressor=stressor, **options)


def forward(
    mrio: MRIO,
    *,
    stressor: str | None = None,
    content: str = "emissions",
    level: str = "region",
    partner: str = "absorber",
) -> Chain:
    """Return where the emissions of producers go, by the route that they take.

    From ``X_s = L_ss (Y_ss + sum_r (Y_sr + A_sr X_r))`` with ``X_r = sum_c X_rc``::

        q_s X_s =  q_s L_ss Y_ss                                    home
                 + q_s L_ss sum_{r != s} Y_sr                       final exports
                 + q_s L_ss sum_{r != s} A_sr L_rr Y_rr             direct importer
                 + q_s L_ss sum_{r != s} A_sr (X_rr - L_rr Y_rr)    importer again
                 + q_s L_ss sum_{r != s} sum_{c != r, s} A_sr X_rc  third regions
                 + q_s L_ss sum_{r != s} A_sr X_rs                  returned home

    Every emission is placed once, by the first border that its product crosses. All but ``home``
    add up to the emissions embodied in bilateral trade (EEBT) of s with importer r; by absorber
    c the terms add up to the consumption account's flow from s to c (`mc.bilateral`).

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    content : {"emissions", "primary inputs", "value added"}
        What q is: emissions, all primary inputs x' - 1'Z, or the value added of the table
        without taxes on products; money per unit of output for the last two. There is no term of
        other inputs: what is placed is the value added, and nothing else.
    level : {"region", "sector", "bilateral"}
    partner : {"absorber", "importer"}
        Who ``region_to`` is at level bilateral: whose final demand it ends in, or who buys it
        first. ``home`` stands at the region itself.

    Returns
    -------
    Chain
        Over (``region``, [``sector`` or ``region_to``,] ``term``), in the unit of the stressor or
        of money. Negative final demand (stocks) is kept: the terms are linear in it and may be
        negative. Emissions of sectors without output stand under ``unallocated``; at level
        bilateral they belong to nobody, and a note says how much it is.

    Raises
    ------
    UnknownNameError, NotAvailableError, InputError, NotProductiveError
        See `chains`.

    References
    ----------
    Meng, Peters, Wang & Li (2018) doi:10.1016/j.eneco.2018.05.013 (UNVERIFIED).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.gvc import forward
    >>> found = forward(mc.load("oecd-icio-2022"), stressor="GHG")
    >>> found.terms[:3], found.closure < 1e-9
    (('home', 'final exports', 'direct importer'), True)
    """
    _known("level", level, ("region", "sector", "bilateral"))
    _known("partner", partner, ("absorber", "importer"))
    if partner != "absorber" and level != "bilateral":
        raise InputError(
            f"partner={partner!r} says nothing at level {level!r}",
            where="option partner", do="ask for level='bilateral', or leave it out",
        )  # fmt: skip
    traced = content_of(mrio, stressor, content)
    b = traced.borders
    R, S = b.R, b.S
    shapes = {"region": (R,), "sector": (R, S), "bilateral": (R, R)}
    terms = {name: np.zeros(shapes[level]) for name in FORWARD}
    for s in b.regions:
        # Each route as products leaving s, by sector, importer and absorber.
        own = {"home": b.Y_own[s]}
        routes = _routes(b, s)
        weight = b.q[b.block(s), None] * b.local[s] if level == "sector" else b.own_local[s][None]
        for name in FORWARD:
            if name in own:
                made = weight @ own[name]
                if level == "bilateral":
                    terms[name][s, s] = made[0]
                else:
                    terms[name][s] = made if level == "sector" else made[0]
                continue
            flow = routes[name]  # (S, importer, absorber)
            if level == "bilateral":
                kept = flow.sum(axis=1 if partner == "absorber" else 2)
                terms[name][s] = (weight @ kept)[0]
            else:
                made = weight @ flow.sum(axis=(1, 2))
                terms[name][s] = made if level == "sector" else made[0]
    f = b.f.reshape(R, S)
    notes: tuple[Note, ...] = ()
    coords = {"region": mrio.regions}
    if level == "bilateral":
        coords["region_to"] = mrio.regions
        total = _bilateral_total(b, partner)
        rest = float(f.sum() - sum(part.sum() for part in terms.values()))
        if abs(rest) > max(UNALLOCATED, 10 * b.error) * float(np.abs(f).sum()):
            notes = (Note(f"belongs to no partner: {rest:.6g} of {f.sum():.6g} {traced.unit}"),)
    elif level == "sector":
        coords["sector"] = mrio.sectors
        total = f
    else:
        total = f.sum(axis=1)
    name = f"value chains, forward by {level}"
    return assemble(traced, name, terms, total, coords, FORWARD, notes)


def _routes(b: Borders, s: int) -> dict[str, Array]:
    """Return what s exports by (sector, importer, absorber), for each route."""
    R, S = b.R, b.S
    away = np.arange(R) != s
    diagonal = np.arange(R)
    A = b.sales(s).reshape(S, R, S)
    used = np.einsum("irj,rjc->irc", A, b.X, optimize=True) * away[None, :, None]
    at_once = np.einsum("irj,rj->ir", A, b.local_use) * away
    zero = np.zeros((S, R, R))
    final, direct, again = zero.copy(), zero.copy(), zero.copy()
    final[:, diagonal, diagonal] = b.Y[s] * away
    direct[:, diagonal, diagonal] = at_once
    again[:, diagonal, diagonal] = used[:, diagonal, diagonal] - at_once
    back, third = zero.copy(), used.copy()
    back[:, :, s] = used[:, :, s]
    third[:, :, s] = 0.0
    third[:, diagonal, diagonal] = 0.0
    return {
        "final exports": final, "direct importer": direct, "importer again": again,
        "third regions": third, "returned home": back,
    }  # fmt: skip


def _bilateral_total(b: Borders, partner: str) -> Array:
    """What the terms must add up to: q_s X_sc by absorber, EEBT and home by importer."""
    q = b.q.reshape(b.R, b.S)
    if partner == "absorber":
        return np.asarray(np.einsum("si,sic->sc", q, b.X))
    total = np.einsum("si,sir->sr", b.own_local, b.exports)
    total[np.diag_indices(b.R)] = np.einsum("si,si->s", b.own_local, b.Y_own)
    return np.asarray(total)


def backward(
    mrio: MRIO,
    *,
    stressor: str | None = None,
    content: str = "emissions",
    level: str = "region",
) -> Chain:
    """Return where the emissions of final products come from, by stage.

    A final product finished in s embodies, with ``m' = q'B`` and Y_s what is sold of it::

        m_s Y_s =  q_s L_ss Y_s                       home
                 + q_s (B_ss - L_ss) Y_s              home, returned
                 + sum_{t != s} q_t L_tt A_ts L_ss Y_s              direct supplier
                 + sum_{t != s} q_t (B_ts - L_tt A_ts L_ss) Y_s     further suppliers

    The terms add up to the account by final producer, at level bilateral over all s to
    the consumption account of the buyer c.

    Parameters
    ----------
    mrio : MRIO
    stressor : str, optional
    content : {"emissions", "primary inputs", "value added"}
    level : {"region", "sector", "bilateral", "origin"}
        ``region``: where it is finished. ``sector``: which product, of which region.
        ``bilateral``: finished in ``region``, bought by ``region_to``. ``origin``: finished in
        ``region``, emitted in ``region_from``.

    Returns
    -------
    Chain
        As of `forward`. With content "value added" one more term holds the other primary inputs,
        so that the terms add up to the value of the final products.

    Raises
    ------
    UnknownNameError, NotAvailableError, InputError, NotProductiveError
        See `chains`.

    References
    ----------
    Meng, Peters, Wang & Li (2018) doi:10.1016/j.eneco.2018.05.013 (UNVERIFIED).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.gvc import backward
    >>> found = backward(mc.load("oecd-icio-2022"), level="bilateral")
    >>> consumed = mc.account(mc.load("oecd-icio-2022"), "consumption", households=False)
    >>> bool(abs(found.value.sum(axis=(0, 2)) - consumed.value).max() < 1e-6)
    True
    """
    _known("level", level, ("region", "sector", "bilateral", "origin"))
    traced = content_of(mrio, stressor, content)
    b = traced.borders
    R = b.R
    sold = b.Y.sum(axis=2)  # (R, S)
    own = np.einsum("ssi->si", b.content)
    abroad = b.content.sum(axis=0) - own
    near = b.direct.sum(axis=0) - b.own_local
    coords = {"region": mrio.regions}
    if level == "origin":
        coords["region_from"] = mrio.regions
        made = np.einsum("tsi,si->st", b.content, sold)
        close = np.einsum("tsi,si->st", b.direct, sold)
        own_ = np.eye(R, dtype=bool)
        terms = {
            "home": np.where(own_, close, 0.0),
            "home, returned": np.where(own_, made - close, 0.0),
            "direct supplier": np.where(own_, 0.0, close),
            "further suppliers": np.where(own_, 0.0, made - close),
        }
        # The other way round: the output that the products of each s ask for.
        asked = np.zeros((R, b.S, R))
        asked[np.arange(R), :, np.arange(R)] = sold
        output = b.economy.output(asked.reshape(-1, R)).reshape(R, b.S, R)
        total = np.einsum("ti,tis->st", b.q.reshape(R, b.S), output)
        if content == VALUE_ADDED:
            raise InputError(
                "other primary inputs have no term by origin",
                where="options content and level",
                do="ask for content='primary inputs', or for another level",
            )
    else:
        weights = {
            "home": b.own_local, "home, returned": own - b.own_local,
            "direct supplier": near, "further suppliers": abroad - near,
        }  # fmt: skip
        m = b.economy.multipliers(b.economy.q)[0].reshape(R, b.S)
        if content == VALUE_ADDED:
            weights[OTHER] = 1.0 - m
            m = np.ones_like(m)
        if level == "bilateral":
            coords["region_to"] = mrio.regions
        elif level == "sector":
            coords["sector"] = mrio.sectors

        def spread(k: Array) -> Array:
            if level == "sector":
                return np.asarray(k * sold)
            if level == "bilateral":
                return np.asarray(np.einsum("si,sic->sc", k, b.Y))
            return np.asarray((k * sold).sum(axis=1))

        terms = {name: spread(k) for name, k in weights.items()}
        total = spread(m)
    name = f"value chains, backward by {level}"
    return assemble(traced, name, terms, total, coords, {**BACKWARD, OTHER: OTHER_TEXT})


def _known(kind: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise UnknownNameError.of(kind, name, known)
