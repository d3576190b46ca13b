"""Pictures of important coefficients and of a shock."""

from __future__ import annotations

import numpy as np

from mriocarbon.errors import NotAvailableError
from mriocarbon.report import figures as f
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import lower, place_name, sector_name
from mriocarbon.structure.elasticity import ImportantCoefficients
from mriocarbon.structure.inoperability import Inoperability


@f.styled
def important(found: ImportantCoefficients, *, most: int = 15) -> f.Drawing:
    """Return the picture of the coefficients to which an account is most sensitive.

    Parameters
    ----------
    found : ImportantCoefficients
    most : int

    Returns
    -------
    Drawing
    """
    dataset = found.provenance.dataset
    listed = found.top[:most]

    def name(pair: tuple[str, str], region: bool) -> str:
        what = sector_name(pair[1], dataset)
        return f"{what}, {place_name(pair[0])}" if region else lower(what)

    names = [
        f"{name(c.supplier, c.supplier[0] != c.user[0])} → {name(c.user, True)}" for c in listed
    ]
    value = np.array([c.elasticity for c in listed])
    emitter = place_name(found.emitter) if found.emitter else "the world"
    consumer = place_name(found.consumer) if found.consumer else "the world"
    share = 100 * found.share_of(len(listed))
    under = f.under(
        found.provenance, f"Emissions of {emitter} for the final demand of {consumer}:"
        f" {t.number(found.value, 0)} {t.nice(found.unit)}; these {len(listed)} inputs make up"
        f" {share:.0f}\u00a0% of all elasticities",
    )  # fmt: skip
    more = f.LINE * (len(under) - 1)
    page = f.new_figure(9.2, f.BAR * len(names) + 1.75 + more)
    box = f.frame(page, 4.6, 0.3, 0.9, 0.75 + more)
    estimated = any(n.estimated for n in found.notes)
    mark = t.DAGGER if estimated else ""
    parts = [(f.UP, np.maximum(value, 0)), (f.DOWN, np.minimum(value, 0))]
    f.bars(page, box, names, parts, f"% of the account for 1 % of the input{mark}",
           texts=[t.number(float(v), 3) for v in value])  # fmt: skip
    f.told_under(page, under)
    edition = found.provenance.edition or found.provenance.dataset
    texts = dict.fromkeys(n.text for n in found.notes if n.estimated)
    caption = (
        f"Source: {edition}. Per cent of the account for one per cent more of one input (left of"
        " the arrow) per output of its user (right), all else held."
        + (f" {t.DAGGER} rests on estimates: {'; '.join(texts)}." if texts else "")
    )
    told = "Bars, largest first: " + "; ".join(
        f"{n} {t.number(float(v), 3)}" for n, v in zip(names[:3], value, strict=False)
    )
    source = f.source_line([edition], ["x"] if estimated else [])
    title = "Which single inputs move the emissions most"
    return f.finish(page, "figure-important", title, source, caption, told + ".")


@f.styled
def shock(found: Inoperability, *, most: int = 15) -> f.Drawing:
    """Return the picture of a shock: emissions that go, and the sectors hit hardest.

    Parameters
    ----------
    found : Inoperability
    most : int

    Returns
    -------
    Drawing

    Raises
    ------
    NotAvailableError
        Nothing is lost.
    """
    loss = found.emissions
    flat = loss.value.ravel()
    order = np.argsort(-np.abs(flat), kind="stable")[:most]
    order = order[flat[order] != 0]
    if not len(order):
        raise NotAvailableError(
            "nothing changes, so that there is nothing to draw", where="shock",
            do="hit a sector that sells to final demand (has primary inputs) and emits",
        )  # fmt: skip
    S = len(loss.coords["sector"])
    dataset = loss.provenance.dataset
    share = 100 * found.inoperability.value.ravel()[order]
    names = [
        f"{sector_name(loss.coords['sector'][k % S], dataset)},"
        f" {place_name(loss.coords['region'][k // S])}"
        for k in order.tolist()
    ]
    largest = float(np.abs(flat[order]).max())
    value = flat[order]
    model = "Leontief" if found.side == "demand" else "Ghosh"
    hits = [
        f"{100 * lost:g} % of the {found.of} of {_what(place, dataset)}"
        for place, lost in found.shock.items()
    ]
    lost = t.listing(hits[:2]) + (f" and {len(hits) - 2} more" if len(hits) > 2 else "")
    under = f.under(loss.provenance, f"Lost: {lost}. {model}'s model: no bottlenecks, no stocks,"
                    " no substitution")  # fmt: skip
    more = f.LINE * (len(under) - 1)
    page = f.new_figure(9.2, f.BAR * len(names) + 1.75 + more)
    parts = [(f.UP, np.maximum(value, 0)), (f.DOWN, np.minimum(value, 0))]
    texts = [
        f"{f.signed(float(v), largest)} ({t.number(float(p))} % of output lost)"
        for v, p in zip(value, share, strict=True)
    ]
    f.bars(page, f.frame(page, 3.2, 0.3, 0.9, 0.75 + more), names, parts,
           f"change, {t.nice(loss.unit)}{f.mark(loss)}", texts=texts)  # fmt: skip
    f.told_under(page, under)
    title = f"After the shock: {f.signed(loss.total, abs(loss.total))} {t.nice(loss.unit)}"
    rules = next(n.text for n in loss.notes if n.about == "inoperability")
    told = f"Bars for {len(names)} sectors, largest first: {'; '.join(names[:5])}."
    return f.finish_result(page, "figure-shock", title, loss, f"{t.capital(rules)}.", told)


def _what(place: tuple[str, str], dataset: str) -> str:
    sector = "all sectors" if place[1] == "*" else lower(sector_name(place[1], dataset))
    return f"{sector} in {'all regions' if place[0] == '*' else place_name(place[0])}"
