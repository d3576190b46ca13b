"""Figures of value chains (stacked bars) and of inequality (the Lorenz curve)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, ShapeError, listed
from mriocarbon.model.labels import find_region
from mriocarbon.model.result import Result
from mriocarbon.report import figures as f
from mriocarbon.report import sector_names
from mriocarbon.report import text as t
from mriocarbon.structure.chain import OTHER, REST, Chain
from mriocarbon.structure.exports import KWW
from mriocarbon.structure.inequality import Inequality

COLUMNS = 3  # of the legend
LONGEST = 27  # signs of a region's name
MOST = 20  # bars in one figure
# Okabe and Ito's colours; what stays at home is grey, what is counted twice is hatched.
QUIET, DARK, BLUE, SKY, GREEN, YELLOW, ORANGE, PURPLE = (
    "#c9ccd3", "#5b6170", "#0072b2", "#56b4e9", "#009e73", "#e0c200", "#d55e00", "#cc79a7",
)  # fmt: skip
# term -> colour, hatch, name in the legend
TERMS: dict[str, tuple[str, str, str]] = {
    "home": (QUIET, "", "at home, no border crossed"),
    "final exports": (BLUE, "", "in exported final products"),
    "direct importer": (SKY, "", "in inputs, ending with their buyer"),
    "importer again": (YELLOW, "", "in inputs, back with their buyer by a detour"),
    "third regions": (GREEN, "", "in inputs, ending in third regions"),
    "returned home": (ORANGE, "", "in inputs that come back home"),
    "home, returned": (ORANGE, "", "at home, in inputs that come back"),
    "direct supplier": (SKY, "", "abroad, one border away"),
    "further suppliers": (GREEN, "", "abroad, two and more borders away"),
    "domestic, absorbed by importer": (BLUE, "", "domestic, ends with the buyer"),
    "domestic, absorbed further on": (SKY, "", "domestic, ends further on"),
    "domestic, returned home": (GREEN, "", "domestic, comes back home"),
    "domestic, counted twice": (GREEN, "////", "domestic, counted twice"),
    "foreign": (ORANGE, "", "foreign"),
    "foreign, counted twice": (ORANGE, "////", "foreign, counted twice"),
    OTHER: (QUIET, "", "taxes and other inputs"),
    REST: (DARK, "", "unallocated"),
    **{
        term: (color, hatch, term[2:])
        for term, (color, hatch) in zip(
            KWW,
            ((BLUE, ""), (SKY, ""), (YELLOW, ""), (GREEN, ""), (GREEN, "..."), (GREEN, "////"),
             (ORANGE, ""), (PURPLE, ""), (ORANGE, "////")),
            strict=True,
        )
    },
}  # fmt: skip
SIGN = 1.1  # width of a sign of a region's name on the Lorenz figure, % of the axis
SEEN = 0.0005  # a term below this share of every bar is not in the legend
# view -> title of regions, title of the industries of one
TITLES = {
    "forward": ("Where {what} of producers goes, by the route of its products",
                "where {what} of its industries goes, by route"),
    "backward": ("Where {what} in final products comes from, by stage",
                 "where {what} in its final products comes from, by stage"),
    "gross exports": ("What gross exports embody: {what}, by origin",
                      "what its gross exports embody: {what}, by origin"),
}  # fmt: skip
CURVES = (f.DOWN, f.UP, f.MARK, f.FULL_MARK)


def place_name(code: str) -> str:
    """Return the name of a region, its code where that is long."""
    name = sector_names.place_name(code)
    return name if len(name) <= LONGEST else code


def dated(text: str, *found: Result | Inequality) -> str:
    """Return a title with the year of what it is about, if that is one."""
    years = {one.provenance.year for one in found}
    year = years.pop() if len(years) == 1 else None
    return text if year is None else f"{text}, {year}"


def counted(one: Inequality) -> str:
    """Return the name of an account with what it counts."""
    return f"{one.name} ({one.provenance.stressor})" if one.provenance.stressor else one.name


def digits(value: NDArray[np.float64], least: int = 1) -> int:
    """Return the decimals that leave three digits of the largest figure, at least `least`.

    Examples
    --------
    >>> import numpy as np
    >>> digits(np.array([812.0, 3.0])), digits(np.array([-0.0123]))
    (1, 4)
    """
    largest = float(np.abs(value[np.isfinite(value)]).max(initial=0.0))
    return max(least, min(9, 2 - int(np.floor(np.log10(largest))))) if largest > 0 else least


@f.styled
def chain(found: Chain, *, region: str | None = None) -> f.Drawing:
    """Return stacked bars: each region, or the sectors of one, 100 % its own total.

    Parameters
    ----------
    found : Chain
        Over region and term, or region, sector and term.
    region : str, optional
        Whose sectors; needed where the chain has sectors.

    Raises
    ------
    ShapeError
        The chain has other dimensions.
    InputError
        No region is named for a chain with sectors, or one for a chain without.
    """
    if found.dims == ("region", "term") and region is None:
        labels = [place_name(r) for r in found.coords["region"]]
        value, one = found.value, None
    elif found.dims == ("region", "sector", "term") and region is not None:
        k = find_region(region, found.coords["region"])
        labels = [
            sector_names.sector_name(s, found.provenance.dataset) for s in found.coords["sector"]
        ]
        value = found.value[k]
        one = place_name(found.coords["region"][k])
    elif set(found.dims) <= {"region", "sector", "term"}:
        raise InputError(
            "name the region whose sectors are to be drawn" if region is None
            else "a region is named, but the chain has no sectors",
            where="option region", do="give it with level='sector', and only there",
        )  # fmt: skip
    else:
        raise ShapeError(
            f"no figure of a chain over {', '.join(found.dims)}",
            where=found.name, do="ask for level='region' or 'sector'",
        )  # fmt: skip
    totals = value.sum(axis=1)
    order = np.argsort(totals, kind="stable")
    absent = [labels[k] for k in order if not totals[k] > 0]  # 100 % of them is no length
    order = order[len(absent) :][-MOST:]
    if not len(order):
        raise InputError(
            "no bar has a total above zero", where=found.name, do="draw a chain that has something"
        )
    shares = value[order] / totals[order, None]
    seen = [k for k in range(len(found.terms)) if np.abs(shares[:, k]).max() >= SEEN]
    foot = 0.82 + 0.19 * -(-len(seen) // COLUMNS)  # axis, legend, source line
    figure = f.new_figure(9.2, 0.31 * len(order) + foot + 0.85)
    axes = figure.add_axes(f.frame(figure, 1.95, 0.95, foot, 0.6))
    place = np.arange(len(order))
    up, down = np.zeros(len(order)), np.zeros(len(order))
    handles = []
    for k, term in enumerate(found.terms):
        color, hatch, name = TERMS.get(term, (DARK, "", term))
        share = shares[:, k]
        left = np.where(share >= 0, up, down + share)  # what is negative goes left of zero
        if k in seen:
            axes.barh(place, 100 * np.abs(share), 0.7, left=100 * left, color=color,
                      hatch=hatch, edgecolor=f.GROUND, linewidth=0.4)  # fmt: skip
            patch = f.patch(color, name)
            patch.set(hatch=hatch, edgecolor=f.GROUND, linewidth=0.0)
            handles.append(patch)
            for i in np.flatnonzero(np.abs(share) >= (2 if hatch else 0.045)):
                axes.text(100 * (left[i] + abs(share[i]) / 2), float(i),
                          t.number(100 * share[i], 0),
                          ha="center", va="center", fontsize=7, color=_ink(color))  # fmt: skip
        up, down = up + np.maximum(share, 0), down + np.minimum(share, 0)
    right = axes.get_yaxis_transform()
    money = "USD" in found.unit
    for row, k in enumerate(order):
        amount = totals[k] / 1e3 if money else totals[k]
        figures = t.marked(t.number(amount, 0 if amount >= 100 else 1), found.estimated)
        axes.text(1.012, row, figures, transform=right, va="center", fontsize=8)
    unit = "billion USD" if found.unit == "million USD" else t.nice(found.unit)
    axes.text(1.012, len(order) - 0.35, unit, transform=right, fontsize=7.4, color=f.MUTED)
    axes.set_xlim(min(0.0, 100 * float(down.min())), max(100.0, 100 * float(up.max())))
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_yticks(place, [labels[k] for k in order])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    said = []
    if len(labels) > len(order) + len(absent):
        said.append(f"the {len(order)} largest of {len(labels)}")
    if absent:
        said.append(f"not drawn, total not above zero: {listed(absent, 3)}")
    axes.set_xlabel("; ".join(["share of the total on the right, %", *said]))
    f.legend(figure, handles, COLUMNS)
    of = "regions" if one is None else f"industries of {one}"
    view = next(v for v in TITLES if v in found.name)
    what = t.nice(found.provenance.stressor)
    title = TITLES[view][0 if one is None else 1].format(what=what)
    if one is not None:
        title = f"{one}: {title}"
    title = dated(title, found)
    caption = (
        f"{found.provenance.method}; {of}. Bars: 100 % is the figure on the right, {unit}."
        + "".join(f" {t.capital(text)}." for text in said)
        + (f" {t.DAGGER} rests on estimates." if found.estimated else "")
    )
    description = f"Stacked bars for {len(order)} {of}: " + "; ".join(
        f"{labels[k]} {t.number(totals[k] / (1e3 if money else 1), 0)} {unit}" for k in order[::-1]
    )
    method = found.provenance.method.partition("(")[2].partition(")")[0]
    source = _source(found, method)
    return f.finish(figure, "figure-chains", title, source, caption, description)


def _ink(color: str) -> str:
    """Return black or white, whichever reads better on a colour."""
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return "#0b0d12" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#fdfdfa"


@f.styled
def lorenz(*found: Inequality) -> f.Drawing:
    """Return the Lorenz curves of one to four accounts, with their Gini indices.

    Raises
    ------
    InputError
        None, or more than four.
    """
    if not 1 <= len(found) <= len(CURVES):
        raise InputError(
            f"{len(found)} curves", where="lorenz", do=f"give one to {len(CURVES)} accounts"
        )
    figure = f.new_figure(9.2, 6.2)
    axes = figure.add_axes(f.frame(figure, 0.75, 3.35, 0.95, 0.6))
    axes.plot([0, 100], [0, 100], color=f.MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.text(38, 41.5, "equal for all", rotation=45, rotation_mode="anchor", color=f.MUTED,
              fontsize=8, ha="center", va="bottom")  # fmt: skip
    for one, color in zip(found, CURVES, strict=False):
        axes.plot(100 * one.people_share, 100 * one.amount_share, color=color, linewidth=2.0,
                  marker="o", ms=3.2, mec=f.GROUND, mew=0.5)  # fmt: skip
    first = found[0]
    _name_regions(axes, first)
    lowest = min(float(one.amount_share.min()) for one in found)
    axes.set_xlim(0, 100)
    axes.set_ylim(min(0.0, 110 * lowest), 100)
    axes.set_xlabel("people, from the lowest account per person to the highest, %")
    axes.set_ylabel("their share of the account, %")
    _beside(figure, found)
    what = "Accounts" if len(found) > 1 else t.capital(counted(first))
    title = t.nice(dated(f"How unequal is it? {what} per person, between regions", *found))
    words = "; ".join(f"{counted(one)}: Gini {one.gini:.3f}" for one in found)
    caption = (
        f"{words}. Everybody has the mean of his region: inequality between persons is larger."
        + (f" {t.DAGGER} rests on estimates." if any(one.estimated for one in found) else "")
    )
    people = [note.text for note in first.notes if note.about == "population"]
    source = _source(first, "; ".join([*people, "inside a region all are equal here"]))
    return f.finish(figure, "figure-lorenz", title, source, caption, f"Lorenz curves. {words}.")


def _name_regions(axes: Any, one: Inequality) -> None:
    """Name the largest regions on the middle of their piece of the curve."""
    F, L = 100 * one.people_share, 100 * one.amount_share
    width = np.hypot(np.diff(F), np.diff(L))
    for k in np.argsort(-width)[:6]:
        left = F[k] + F[k + 1] > 120  # then there is room only between curve and diagonal,
        at = 0.25 if left else 0.5  # and more of it at the lower end
        x, y = F[k] + at * (F[k + 1] - F[k]), L[k] + at * (L[k + 1] - L[k])
        if width[k] < 7 or y < 4:
            continue
        name = place_name(one.regions[k])
        if left and x - SIGN * (len(name) + 2) < y:  # it would reach the diagonal
            name = one.regions[k]
        axes.annotate(name, (x, y), xytext=(-8, 2) if left else (7, -7),
                      textcoords="offset points", fontsize=7.6, color=f.INK,
                      ha="right" if left else "left", va="bottom" if left else "top",
                      bbox={"facecolor": f.GROUND, "edgecolor": "none", "pad": 0.8})  # fmt: skip


def _beside(figure: Any, found: tuple[Inequality, ...]) -> None:
    """Put the measures in words beside the curves."""
    x, y = 1 - 3.1 / 9.2, 1 - 0.75 / 6.2
    line = 0.2 / 6.2
    for one, color in zip(found, CURVES, strict=False):
        mark = t.DAGGER if one.estimated else ""
        figure.text(x, y, t.nice(t.capital(counted(one))), color=color, fontsize=10,
                    fontweight="bold", va="top")  # fmt: skip
        d = digits(one.per_person)
        rows = [
            ("Gini index", f"{one.gini:.2f}{mark}"),
            ("Theil T", _theil(one.theil_t.total, mark)),
            ("Theil L", _theil(one.theil_l.total, mark)),
            ("top tenth of people", f"{100 * one.top_share(0.1):.0f} %{mark}"),
            ("lower half of people", f"{100 * (1 - one.top_share(0.5)):.0f} %{mark}"),
            (
                f"lowest: {place_name(one.regions[0])}",
                t.marked(t.number(float(one.per_person[0]), d), mark),
            ),
            (
                f"highest: {place_name(one.regions[-1])}",
                t.marked(t.number(float(one.per_person[-1]), d), mark),
            ),
        ]
        if one.groups and np.isfinite(one.theil_t.total) and one.theil_t.total > 0:
            share = 100 * one.theil_t.between / one.theil_t.total
            rows.insert(2, ("  of it between groups", f"{share:.0f} %{mark}"))
        y -= 1.35 * line
        for name, value in rows:
            figure.text(x, y, t.nice(name), fontsize=8.4, va="top")
            figure.text(1 - 0.12 / 9.2, y, value, fontsize=8.4, va="top", ha="right")
            y -= line
        figure.text(x, y, t.nice(f"last two: {one.unit_per_person}"), fontsize=7.2, color=f.MUTED,
                    va="top")  # fmt: skip
        y -= 1.5 * line
        if one.groups and len(found) == 1:
            for text in _members(one):
                figure.text(x, y, text, fontsize=7.2, color=f.MUTED, va="top")
                y -= 0.75 * line


def _members(one: Inequality) -> list[str]:
    """Return the groups with their regions, in lines that fit beside the curves."""
    import textwrap

    members: dict[str, list[str]] = {}
    for region, group in one.groups.items():
        members.setdefault(group, []).append(region)
    texts = [f"{group}: {', '.join(sorted(regions))}" for group, regions in members.items()]
    return [line for text in texts for line in textwrap.wrap(text, 54)]


@f.styled
def leakage(found: Result) -> f.Drawing:
    """Return bars of emissions in imports, with a mark where home technology would put them.

    Raises
    ------
    ShapeError
        Not a result of `mriocarbon.structure.leakage.leakage` by region.
    """
    if found.dims != ("region", "item"):
        raise ShapeError(
            f"no figure of leakage over {', '.join(found.dims)}",
            where=found.name, do="ask for level='region'",
        )  # fmt: skip
    items = found.coords["item"]
    imports = found.value[:, items.index("imports")]
    home = found.value[:, items.index("imports at home technology")]
    if not (imports.any() or home.any()):
        raise InputError(
            "nothing is imported", where=found.name, do="draw a table of two regions that trade"
        )
    order = np.argsort(imports, kind="stable")[-MOST:]
    figure = f.new_figure(9.2, 0.31 * len(order) + 1.95)
    axes = figure.add_axes(f.frame(figure, 1.95, 0.95, 1.1, 0.6))
    place = np.arange(len(order))
    axes.barh(place, imports[order], 0.62, color=QUIET, linewidth=0)
    for more, color in ((True, f.UP), (False, f.DOWN)):
        kept = [(i, k) for i, k in enumerate(order) if (imports[k] > home[k]) == more]
        axes.hlines([i for i, _ in kept], [home[k] for _, k in kept],
                    [imports[k] for _, k in kept], color=color, linewidth=2.2)  # fmt: skip
        axes.plot([home[k] for _, k in kept], [i for i, _ in kept], "D", ms=5.5, mfc=color,
                  mec=f.GROUND, mew=0.7, linestyle="none")  # fmt: skip
    right = axes.get_yaxis_transform()
    d = digits(imports - home, 0)
    for i, k in enumerate(order):
        gap = float(imports[k] - home[k])
        text = t.number(gap, d) if gap <= 0 else f"+{t.number(gap, d)}"
        axes.text(1.012, float(i), t.marked(text, found.estimated), transform=right, va="center",
                  fontsize=8)  # fmt: skip
    axes.text(1.012, len(order) - 0.35, "gap", transform=right, fontsize=7.4, color=f.MUTED)
    low = min(0.0, float(np.minimum(imports, home)[order].min()))
    high = max(0.0, float(np.maximum(imports, home)[order].max()))
    # Half a diamond more than the outermost.
    axes.set_xlim(low - (0.02 * (high - low) if low < 0 else 0.0), high + 0.02 * (high - low))
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_yticks(place, [place_name(found.coords["region"][k]) for k in order])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    unit = t.nice(found.unit)
    few = f"; the {len(order)} largest of {len(imports)}" if len(order) < len(imports) else ""
    axes.set_xlabel(f"{unit} a year, industries only{few}")
    f.legend(figure, [
        f.patch(QUIET, "emitted abroad for own final demand"),
        f.dot("D", f.UP, "at home technology: less"),
        f.dot("D", f.DOWN, "at home technology: more"),
    ], 3)  # fmt: skip
    caption = (
        f"Bars: emissions embodied in imports, {unit}. Diamonds: the same products made with the"
        " buyer's own intensities, industry by industry. Intensities are per unit of money: price"
        " levels are in the gap." + (f" {t.DAGGER} rests on estimates." if found.estimated else "")
    )
    description = "Bars of emissions in imports with diamonds: " + "; ".join(
        f"{found.coords['region'][k]} {t.number(float(imports[k]), d)},"
        f" at home technology {t.number(float(home[k]), d)}" for k in order[::-1]
    )  # fmt: skip
    source = _source(found, "price levels are in the gap")
    title = t.nice(
        f"{found.provenance.stressor} in imports, and what it would be at home technology"
    )
    title = dated(title, found)
    return f.finish(figure, "figure-leakage", title, source, caption, description)


def _theil(value: float, mark: str) -> str:
    if np.isnan(value):
        return "not defined"
    return "infinite" if np.isinf(value) else f"{value:.3f}{mark}"


def _source(found: Result | Inequality, more: str) -> str:
    """Return the source line: the sources by name, else the data set."""
    money = "USD" in found.unit  # then the emissions of the table are not used
    names = dict.fromkeys(
        s.name for s in found.provenance.sources
        if "estimate" not in s.name and not (money and "greenhouse" in s.name)
    )  # fmt: skip
    parts = [*(names or [found.provenance.dataset]), *([more] if more else [])]
    return f.source_line(parts, ["x"] if found.estimated else [])
