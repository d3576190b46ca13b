"""Trade at hand, the loaders, and bad files."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from mriocarbon.cbam.amounts import MOST_TONNES, UNIT_VALUES, check_unit_value
from mriocarbon.cbam.defaults import default_value
from mriocarbon.cbam.trade import TradeLine, covered_share, read_trade, trade_2024
from mriocarbon.errors import DataFileError, InputError, UnitError, UnknownNameError

COMEXT = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,"
    "VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT\n"
)
FORMER = (
    "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,FLOW,STAT_REGIME,PERIOD,"
    "VALUE_IN_EUROS,QUANTITY_IN_KG,SUP_QUANTITY\n"
)
PLAIN = "origin,cn,tonnes,value_eur,year\n"


def write(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ---- at hand


def test_check_values_of_china() -> None:
    china = trade_2024().total("China")
    assert china is not None
    assert round(china.tonnes / 10**6, 2) == Decimal("8.10")
    assert round(china.value_eur / 10**9, 2) == Decimal("15.74")
    assert round(china.embedded / 10**6, 2) == Decimal("36.57")
    assert round(china.gross_eur / 10**9, 3) == Decimal("2.756")


def test_gross_is_embedded_times_price() -> None:
    for total in trade_2024().totals:
        assert abs(total.gross_eur - total.embedded * Decimal("75.36")) < 1
        gap = abs(total.gross_eur - sum(total.gross_by_sector.values()))
        assert bool(total.note) == (gap > 1)
    assert [t.origin for t in trade_2024().totals if "34,723" in t.note] == ["GBR"]


def test_lines_recomputed_from_the_defaults() -> None:
    """The source has more decimals than the annex; to the annex's third decimal they agree."""
    with (Path(__file__).parents[2] / "mriocarbon/cbam/tables/eu_imports_2024_lines.csv").open(
        encoding="utf-8"
    ) as handle:
        embedded = {
            (r["origin"], r["cn"]): Decimal(r["embedded_tco2e_2026"])
            for r in csv.DictReader(handle)
        }
    sums = Decimal(0)
    for line in trade_2024().lines:
        value = default_value(line.cn, origin=line.origin, year=2026)
        source = embedded[line.origin, line.cn]
        assert abs(source / line.tonnes - value.marked_up) < Decimal("0.000501")
        assert abs(line.tonnes * value.marked_up / source - 1) < Decimal("1.5e-4")
        sums += line.tonnes * value.marked_up
    assert abs(sums / sum(embedded.values()) - 1) < Decimal("1e-5")


def test_tables_are_those_at_hand(data_folder) -> None:
    names = {
        "eu_imports_2024_totals.csv": "eu27_imports_2024_country_totals.csv",
        "eu_imports_2024_lines.csv": "eu27_imports_2024_partial.csv",
    }
    for own, theirs in names.items():
        with (Path(__file__).parents[2] / "mriocarbon/cbam/tables" / own).open() as handle:
            mine = [
                sorted(v for k, v in r.items() if k not in ("origin", "source"))
                for r in csv.DictReader(handle)
            ]
        with (data_folder / "cbam" / theirs).open(encoding="utf-8") as handle:
            hand = [
                sorted(
                    v for k, v in r.items() if k not in ("country", "default_2026_markup_included")
                )
                for r in csv.DictReader(handle)
            ]
        assert mine == hand


def test_source_is_told() -> None:
    data = trade_2024()
    assert "secondary" in data.source
    assert all("secondary" in line.source for line in data.lines)


def test_covered_share() -> None:
    found = covered_share(trade_2024().lines, "China")
    assert found.mass == pytest.approx((959471.44 + 997240.02) / 8095975.83)
    assert found.value == pytest.approx((1922647772 + 914407145) / 15736927377)
    unknown = covered_share(trade_2024().lines, "Brazil")
    assert unknown.mass is None and "unknown" in unknown.note
    much = covered_share([TradeLine("CHN", "7208", 10**7, None, 2023, "x")], "CHN")  # type: ignore[arg-type]
    assert "more than the whole" in much.note and "2023" in much.note and much.value is None


# ---- plain files


def test_plain(tmp_path) -> None:
    path = write(tmp_path, PLAIN + "China,7308 10 00,1000,2000000,2024\nTürkiye,7208,5.5,,2024\n\n")
    data = read_trade(path)
    assert [(x.origin, x.cn, x.tonnes, x.value_eur) for x in data.lines] == [
        ("CHN", "73081000", 1000, 2000000),
        ("TUR", "7208", Decimal("5.5"), None),
    ]
    assert data.totals == ()


@pytest.mark.parametrize("mark", [";", "\t"])
def test_separators_and_gzip(tmp_path, mark) -> None:
    path = tmp_path / "t.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8-sig") as handle:
        handle.write((PLAIN + "CN,7208,10,6000,2024\n").replace(",", mark))
    assert read_trade(path).lines[0].origin == "CHN"


def test_plain_in_kilograms(tmp_path) -> None:
    text = PLAIN + "CHN,7308,1000000,2000000,2024\n"
    with pytest.raises(UnitError, match="mass_unit='kg'") as caught:
        read_trade(write(tmp_path, text))
    assert "row 2, column 'tonnes'" in str(caught.value)
    assert read_trade(write(tmp_path, text), mass_unit="kg").lines[0].tonnes == 1000
    assert read_trade(write(tmp_path, text), check_units=False).lines[0].tonnes == 1000000
    column = read_trade(write(tmp_path, text.replace("tonnes", "kg")))
    assert column.lines[0].tonnes == 1000
    with pytest.raises(UnitError, match="tonnes already"):
        read_trade(write(tmp_path, PLAIN + "CHN,7308,1000,2000000,2024\n"), mass_unit="kg")


def test_unit_values_catch_any_slip_of_a_thousand() -> None:
    for sector, (low, high) in UNIT_VALUES.items():
        assert high == 1000 * low
        for value in (low + 1, (low * high).sqrt(), high - 1):
            check_unit_value(value, Decimal(1), sector)
            for slip in (Decimal(1000), Decimal("0.001")):
                with pytest.raises(UnitError):
                    check_unit_value(value, slip, sector)


@pytest.mark.parametrize(
    ("text", "error", "message", "where"),
    [
        ("", InputError, "empty", "row 1"),
        ("\n\n", InputError, "empty", "row 1"),
        (PLAIN, InputError, "no rows", "row 2"),
        ("origin,cn,value_eur,year\nCHN,7208,5,2024\n", InputError, "'tonnes' is missing", "row 1"),
        ("origin,tonnes\nCHN,5\n", InputError, "not recognised", "row 1"),
        ("origin,cn,tonnes\nCHN,7208,5\n", InputError, "no column 'year'", "row 1"),
        ("origin,cn,tonnes,cn\nCHN,7208,5,1\n", InputError, "twice", "row 1"),
        (
            PLAIN + 'CHN,7208,"1.234,5",5000,2024\n',
            InputError,
            "not a number",
            "row 2, column 'tonnes'",
        ),
        (PLAIN + "CHN,7208,1.234,5,5000,2024\n", InputError, "cells", "row 2"),
        (
            PLAIN + "CHN,7208,10,5 000,2024\n",
            InputError,
            "not a number",
            "row 2, column 'value_eur'",
        ),
        (PLAIN + "CHN,7208,ten,,2024\n", InputError, "not a number", "row 2, column 'tonnes'"),
        (PLAIN + "CHN,7208,,5000,2024\n", InputError, "not a number", "row 2, column 'tonnes'"),
        (
            PLAIN + "CHN,7208,nan,,2024\n",
            InputError,
            "missing is not zero",
            "row 2, column 'tonnes'",
        ),
        (
            PLAIN + "CHN,7201,1,500,2024\nCHN,7208,-5,,2024\n",
            InputError,
            "less than 0",
            "row 3, column 'tonnes'",
        ),
        (PLAIN + "CHN,7208,1,-5,2024\n", InputError, "less than 0", "row 2, column 'value_eur'"),
        (PLAIN + "CHN,72O8,1,,2024\n", InputError, "72O8", "row 2, column 'cn'"),
        (PLAIN + "CHN,720,1,,2024\n", InputError, "720", "row 2, column 'cn'"),
        (PLAIN + "CHN,2716,1,,2024\n", InputError, "electricity", "row 2, column 'cn'"),
        (PLAIN + "CHN,0101,1,,2024\n", UnknownNameError, "0101", "row 2, column 'cn'"),
        (PLAIN + "Chnia,7208,1,,2024\n", UnknownNameError, "China", "row 2, column 'origin'"),
        (PLAIN + "Norway,7208,1,,2024\n", InputError, "Annex III", "row 2, column 'origin'"),
        (PLAIN + "CHN,7208,1,,24\n", InputError, "no period", "row 2, column 'year'"),
        (PLAIN + "CHN,7208,1,,2023\nCHN,7208,1,,2024\n", InputError, "several years", "year"),
        (PLAIN + "CHN,7208,1,,2024\nCHN,7208,2,,2024\n", InputError, "twice", "first in row 2"),
        (PLAIN + "CHN,7208,1,,2024\nCHN,72081000,2,,2024\n", InputError, "twice", "rows 2 and 3"),
        (
            PLAIN + f"CHN,7208,{MOST_TONNES + 1},,2024\n",
            UnitError,
            "kilograms",
            "row 2, column 'tonnes'",
        ),
    ],
)
def test_bad_plain_file(tmp_path, text, error, message, where) -> None:
    with pytest.raises(error) as caught:
        read_trade(write(tmp_path, text))
    assert message in str(caught.value)
    assert where in str(caught.value)
    assert "what to do" in str(caught.value)


def test_bad_file(tmp_path) -> None:
    with pytest.raises(DataFileError):
        read_trade(tmp_path / "none.csv")
    binary = tmp_path / "t.7z"
    binary.write_bytes(b"7z\xbc\xaf\x27\x1c\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        read_trade(binary)
    broken = tmp_path / "t.csv.gz"
    broken.write_bytes(gzip.compress(PLAIN.encode() * 1000)[:-20])
    with pytest.raises((DataFileError, InputError)):
        read_trade(broken)
    with pytest.raises(InputError, match="unknown format"):
        read_trade(write(tmp_path, PLAIN + "CHN,7208,1,,2024\n"), format="excel")


# ---- Eurostat


def comext(
    partner="CN", code="72081000", flow=1, period="202401", eur=600_000, kg=1_000_000, reporter="DE"
) -> str:
    return f"{reporter},{partner},E,{code},67300,{flow},1,NO_SU,{period},{eur},{eur},{kg},0\n"


def test_comext(tmp_path) -> None:
    text = COMEXT + "".join(
        [
            comext(),
            comext(reporter="FR", period="202402", eur=300_000, kg=500_000),
            comext(flow=2),  # an export
            comext(code="01012100"),  # no good of the CBAM
            comext(code="72XXXXXX"),  # confidential
            comext(partner="FR"),  # not from outside the EU
            comext(partner="CH"),  # Annex III
            comext(partner="QP"),  # high seas
            comext(partner="XS", code="72071210"),  # Serbia
            comext(partner="US", kg=""),
        ]
    )
    data = read_trade(write(tmp_path, text))
    assert [(x.origin, x.cn, x.tonnes, x.value_eur) for x in data.lines] == [
        ("CHN", "72081000", 1500, 900_000),
        ("SRB", "72071210", 1000, 600_000),
    ]
    notes = "\n".join(data.notes)
    for part in (
        "1 rows under confidential",
        "2 rows of countries outside",
        "1 rows of unspecified",
        "without a mass",
    ):
        assert part in notes
    assert data.lines[0].year == 2024


def test_what_comext_has_twice_or_of_another_year_is_left_out(tmp_path) -> None:
    text = COMEXT + "".join(
        [
            comext(),
            comext(reporter="EU27_2020"),  # its members, added up
            comext(code="7208100000"),  # ten digits: no code of the nomenclature
            comext(code="72"),
            comext(period="202301"),
            ",,,,,,,,,,,,\n",
        ]
    )
    data = read_trade(write(tmp_path, text), year=2024)
    assert [(x.cn, x.tonnes, x.year) for x in data.lines] == [("72081000", 1000, 2024)]
    assert any("1 rows of the EU as a whole" in note for note in data.notes)


def test_a_plain_file_of_several_years_is_read_for_one(tmp_path) -> None:
    text = PLAIN + "CHN,72081000,1000,600000,2023\nCHN,72081000,2000,1200000,2024\n"
    data = read_trade(write(tmp_path, text), year=2024)
    assert [(x.tonnes, x.year) for x in data.lines] == [(2000, 2024)]


def test_processing_is_told(tmp_path) -> None:
    inward = comext(code="72082500").replace(",1,1,NO_SU", ",1,2,NO_SU")
    notes = read_trade(write(tmp_path, COMEXT + comext() + inward)).notes
    assert any("1 rows of inward" in note for note in notes)


def test_former_comext(tmp_path) -> None:
    row = "004,DE,0720,CN,E,{},1,{},202352,600000,1000000,\n"
    text = FORMER + row.format("7208", 4) + row.format("72081000", 4) + row.format("72081000", 1)
    data = read_trade(write(tmp_path, text))
    assert [(x.cn, x.tonnes, x.year) for x in data.lines] == [("72081000", 1000, 2023)]
    assert any("sums of codes" in note for note in data.notes)
    with pytest.raises(InputError, match="PARTNER_ISO"):
        read_trade(write(tmp_path, COMEXT + comext(partner="0720")))


def test_bad_comext(tmp_path) -> None:
    with pytest.raises(InputError, match="beside its months"):
        read_trade(write(tmp_path, COMEXT + comext() + comext(period="202452")))
    with pytest.raises(UnitError, match="100 kg"):
        read_trade(write(tmp_path, COMEXT.replace("QUANTITY_KG", "QUANTITY_IN_100KG") + comext()))
    with pytest.raises(InputError, match="100 kg"):
        read_trade(
            write(tmp_path, "DATAFLOW,freq,indicators,TIME_PERIOD,OBS_VALUE\na,b,c,2024,1\n")
        )
    with pytest.raises(InputError, match="column 'VALUE_EUR' or 'VALUE_IN_EUROS' is missing"):
        read_trade(write(tmp_path, COMEXT.replace("VALUE_EUR", "VALUE") + comext()))
    with pytest.raises(InputError, match="row 2, column 'QUANTITY_KG'"):
        read_trade(write(tmp_path, COMEXT + comext(kg=-1)))
    with pytest.raises(InputError, match="no imports of CBAM goods"):
        read_trade(write(tmp_path, COMEXT + comext(flow=2)))
    with pytest.raises(InputError, match="several years"):
        read_trade(write(tmp_path, COMEXT + comext() + comext(period="202301")))
    with pytest.raises(UnitError, match="iron_steel"):  # tonnes in the column of kilograms
        read_trade(write(tmp_path, COMEXT + comext(kg=1000)))
    # An odd consignment among plausible ones is real trade.
    read_trade(write(tmp_path, COMEXT + comext() + comext(partner="US", kg=1, eur=900)))


# ---- BACI


def test_baci(tmp_path) -> None:
    text = "t,i,j,k,v,q\n" + "".join(
        [
            "2023,156,276,720810,600,1000\n",
            "2023,156,251,720810,300,500\n",  # France has its own code
            "2023,490,276,720810,600,1000\n",  # Taiwan, too
            "2023,156,842,720810,600,1000\n",  # not into the EU
            "2023,757,276,720810,600,1000\n",  # Annex III
            "2023,156,276,10121,600,1000\n",  # a leading zero lost; no good of the CBAM
            "2023,699,276,720810,600,NA\n",
        ]
    )
    data = read_trade(write(tmp_path, text), eur_per_usd="0.9")
    assert [(x.origin, x.cn, x.tonnes, x.value_eur) for x in data.lines] == [
        ("CHN", "720810", 1500, 810_000),
        ("TWN", "720810", 1000, 540_000),
    ]
    assert any("without a mass" in note for note in data.notes)
    dollars = read_trade(write(tmp_path, text))
    assert dollars.lines[0].value_eur is None
    assert any("eur_per_usd" in note for note in dollars.notes)
    codes = write(
        tmp_path,
        "country_code,country_name,country_iso2,country_iso3\n156,China,CN,CHN\n276,Germany,DE,DEU\n",
        "codes.csv",
    )
    own = read_trade(write(tmp_path, text), country_codes=codes)
    assert [(x.origin, x.tonnes) for x in own.lines] == [("CHN", 1000)]
    assert any("unknown exporter (490)" in note for note in own.notes)


def test_baci_of_another_year_and_of_places_unknown_to_the_annex(tmp_path) -> None:
    text = "t,i,j,k,v,q\n2023,156,276,720810,600,1000\n2022,156,276,720810,600,7\n"
    text += "2023,900,276,720810,600,5\n"
    codes = write(
        tmp_path,
        "country_code,country_name,country_iso2,country_iso3\n156,China,CN,CHN\n"
        "276,Germany,DE,DEU\n900,Nowhere,ZZ,ZZZ\n",
        "codes.csv",
    )
    data = read_trade(write(tmp_path, text), country_codes=codes, year=2023)
    assert [(x.origin, x.tonnes) for x in data.lines] == [("CHN", 1000)]
    assert any("an exporter the annex does not know (ZZZ)" in note for note in data.notes)


def test_bad_baci(tmp_path) -> None:
    with pytest.raises(InputError, match="row 2, column 'q'"):
        read_trade(write(tmp_path, "t,i,j,k,v,q\n2023,156,276,720810,600,-1\n"))
    with pytest.raises(InputError, match="the column 'q' is missing"):
        read_trade(write(tmp_path, "t,i,j,k,v\n2023,156,276,720810,600\n"), format="baci")
    with pytest.raises(UnitError, match="iron_steel"):
        read_trade(write(tmp_path, "t,i,j,k,v,q\n2023,156,276,720810,600,1000000\n"), eur_per_usd=1)


# ---- lines


def test_bad_line() -> None:
    for change, error in (
        ({"tonnes": -1}, InputError),
        ({"tonnes": 10**8}, UnitError),
        ({"cn": "9999"}, UnknownNameError),
        ({"cn": "7"}, InputError),
        ({"cn": "27160000"}, InputError),
        ({"origin": "Nowhere"}, UnknownNameError),
        ({"value_eur": "x"}, InputError),
    ):
        good = {
            "origin": "CHN",
            "cn": "7208",
            "tonnes": 1,
            "value_eur": None,
            "year": 2024,
            "source": "",
        }
        with pytest.raises(error):
            TradeLine(**{**good, **change})
