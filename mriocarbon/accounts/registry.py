"""All principles, in the order of docs/methods/principles.md."""

from __future__ import annotations

from mriocarbon.accounts import given, shared, technology, trade_based
from mriocarbon.accounts.principle import Principle
from mriocarbon.errors import UnknownNameError

_PRIMARY = (
    "primary_inputs",
    '"all" (value added, taxes less subsidies, residual) or "value_added"',
)

_PRINCIPLES = (
    Principle(
        "production",
        "Production (territory of the producer)",
        "R f",
        "IPCC (2006) Guidelines for National Greenhouse Gas Inventories, vol. 1, ch. 8.2.1;"
        " for industries by residence: UN SEEA Central Framework (2012)",
        "what the region's industries emit",
        True,
        trade_based.production,
    ),
    Principle(
        "consumption",
        "Consumption (footprint)",
        "column sums of E = R diag(q) L Y",
        "Peters (2008) doi:10.1016/j.ecolecon.2007.10.014;"
        " Davis & Caldeira (2010) doi:10.1073/pnas.0906974107",
        "what is emitted anywhere for the region's final demand",
        True,
        trade_based.consumption,
    ),
    Principle(
        "eebt",
        "Emissions embodied in bilateral trade",
        "PBA_r - sum_s t_rs + sum_s t_sr, t_rs = q_r'(I - A_rr)^-1 (Y_rs + Z_rs 1)",
        "Peters (2008) doi:10.1016/j.ecolecon.2007.10.014",
        "production less domestic emissions of gross exports plus those of gross imports",
        True,
        trade_based.eebt,
    ),
    Principle(
        "income",
        "Income (enabled emissions)",
        "R diag(v) G q",
        "Marques, Rodrigues, Lenzen & Domingos (2012) doi:10.1016/j.ecolecon.2012.09.010",
        "what is emitted downstream of the region's primary inputs",
        True,
        trade_based.income,
        (_PRIMARY,),
    ),
    Principle(
        "final-producer",
        "Final producer",
        "R (m * Y1)",
        "Kanemoto, Lenzen, Peters, Moran & Geschke (2012) doi:10.1021/es202239t, who set it apart"
        " from consumption",
        "what is emitted anywhere for final products finished in the region",
        True,
        trade_based.final_producer,
    ),
    Principle(
        "shared",
        "Shared producer and consumer responsibility",
        "R[m_a * ((1-a)*(Z1) + (1-b)*(Y1))] + (m_a*b)'Y, m_a' = q'(I - diag(a) A)^-1",
        "Gallego & Lenzen (2005) doi:10.1080/09535310500283492;"
        " Lenzen, Murray, Sack & Wiedmann (2007) doi:10.1016/j.ecolecon.2006.05.018",
        "each stage keeps the share 1 - a and passes the rest on",
        True,
        shared.shared,
        (
            ("a", "share passed on to the next producer: number, per sector or per region-sector"),
            ("b", "share passed on to final consumers; a by default"),
            ("self_deliveries", '"as booked" or "inside" (independent of how they are booked)'),
        ),
    ),
    Principle(
        "half-half",
        "Half consumption, half income",
        "(consumption + income) / 2",
        "Rodrigues, Domingos, Giljum & Schneider (2006) doi:10.1016/j.ecolecon.2005.10.002",
        "equal weight to the two ends of the chain",
        True,
        trade_based.half_half,
        (_PRIMARY,),
    ),
    Principle(
        "value-added",
        "Value added along the chain",
        "R diag(v_c) L [(m * Y1) / (v_c'L)]",
        "Pinero, Bruckner, Wieland, Pongracz & Giljum (2019) doi:10.1080/09535314.2018.1536038",
        "emissions of each final product shared by the primary inputs earned in its chain",
        True,
        trade_based.value_added,
        (_PRIMARY,),
    ),
    Principle(
        "technology-adjusted",
        "Technology-adjusted consumption",
        "PBA_r - sum_i qbar_i X_i^{r,exp} + embodied imports",
        "Kander, Jiborn, Moran & Wiedmann (2015) doi:10.1038/nclimate2555",
        "consumption, with exports credited at the world's intensity of each sector",
        True,
        technology.technology_adjusted,
        (("weights", '"exports" (conserves) or "output" (does not conserve)'),),
    ),
    Principle(
        "technology-adjusted-balanced",
        "Technology-adjusted, balanced",
        "PBA_r - sum_i qbar_i X_i^{r,exp} + sum_{s != r} sum_i qbar_i X_{(s,i),r}",
        "Domingos, Zafrilla & Lopez (2016), Nature Climate Change 6, 729-730",
        "production, with exports and imports both at the world's intensity",
        True,
        technology.technology_adjusted_balanced,
        (("weights", '"output" (default) or "exports"'),),
    ),
    Principle(
        "era",
        "Emission responsibility allotment",
        "sum_i [q_ri X_ri,r + sum_{s != r} ((q_ri+q_si)/2 X_si,r + (q_ri-q_si)/2 X_ri,s)]",
        "Dietzenbacher, Cazcarro & Arto (2020) doi:10.1038/s41467-020-14837-5",
        "own-technology consumption, the emissions that trade saves split between the partners",
        True,
        technology.era,
        status="experimental: the split has not been checked against the paper's supplement",
    ),
    Principle(
        "capital-endogenised",
        "Consumption with capital endogenised",
        "q'(I - A - A_K)^-1 (Y - Y_K)",
        "Sodersten, Wood & Hertwich (2018) doi:10.1021/acs.est.8b02791",
        "consumption, with capital goods booked on the products they help to make",
        True,
        given.capital_endogenised,
        (("K", "capital goods used up by each industry, shape (n, n)"),),
        needs="K, capital consumed by industry",
    ),
    Principle(
        "ownership",
        "Ownership",
        "W f",
        "Zhang, Guan, Wang, Meng, Zheng, Zhu & Du (2020) doi:10.1038/s41558-020-0895-9, whose"
        " investment-based accounts are its case for multinational enterprises",
        "what is emitted by the industries that the region's residents own",
        True,
        given.ownership,
        (("W", "ownership shares, shape (regions, n), columns summing to 1"),),
        needs="W, ownership of industries",
    ),
    Principle(
        "benefit-shared",
        "Shared by the benefits of trade",
        "E_rr + sum_s phi_rs E_rs + sum_s (1 - phi_sr) E_sr",
        "after Jakob, Ward & Steckel (2021) doi:10.1016/j.gloenvcha.2020.102207",
        "traded emissions split between producer (phi) and consumer (1 - phi)",
        True,
        trade_based.benefit_shared,
        (("phi", "number in [0, 1] or matrix (regions, regions); 0.5 by default"),),
    ),
)  # fmt: skip


# What the field calls them otherwise. They are suggested, not taken: a "footprint" is with or
# without households, "territorial" is not by residence, and which is meant is for a person to say.
_ELSEWHERE = {
    **dict.fromkeys(("cba", "cbe", "footprint", "demand"), "consumption"),
    **dict.fromkeys(("pba", "pbe", "territorial", "territory"), "production"),
    **dict.fromkeys(("iba", "enabled", "downstream"), "income"),
}


def principles() -> tuple[Principle, ...]:
    """Return all accounting principles, with formula, reference, boundary and what they conserve.

    Returns
    -------
    tuple of Principle
        In the order of the page of principles.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> [p.name for p in mc.principles()][:3]
    ['production', 'consumption', 'eebt']
    """
    return _PRINCIPLES


def principle(name: str) -> Principle:
    """Return one principle; UnknownNameError offers the nearest names.

    Examples
    --------
    >>> principle("eebt").conserves
    True
    """
    for candidate in _PRINCIPLES:
        if candidate.name == name.replace("_", "-"):
            return candidate
    more = "(mc.principles() lists all; on the command line: mriocarbon principles)"
    meant = _ELSEWHERE.get(name.casefold().strip())
    if meant:
        raise UnknownNameError(
            f"unknown principle {name!r}",
            where=f"principle, {len(_PRINCIPLES)} known",
            do=f"did you mean {meant!r}? {more}",
        )
    raise UnknownNameError.of("principle", name, [p.name for p in _PRINCIPLES], do=more)
