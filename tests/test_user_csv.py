"""Every CSV that a person hands in, as the spreadsheets of other countries save it.

Windows' line ends and the mark of UTF-8 change nothing. Semicolons and decimal commas are read
right or refused with a word on how to save the file: never read as something else.
"""

import re
from pathlib import Path

import pytest

from mriocarbon.atlas.points import read_points
from mriocarbon.avoided.own import read_exports
from mriocarbon.build.concordance import _from_csv
from mriocarbon.cbam.prices import read_prices
from mriocarbon.cbam.reference_user import read_references
from mriocarbon.cbam.trade import read_trade
from mriocarbon.cli.decompose import _prices
from mriocarbon.cli.inequality import _read
from mriocarbon.errors import InputError, MriocarbonError
from mriocarbon.io.user_csv import read_rows
from mriocarbon.lca.bill import read_bill
from mriocarbon.lca.foreground_files import read_specs
from tests.properties.tables import toy


def deflators(path: Path):
    return [list(one) for one in _prices(path, [toy(year=2000)], None).values()]


def exports(path: Path):
    return read_exports(path, exporter="VNM", year=2023).table.to_json()


def trade(path: Path):
    return read_trade(path, year=2023)


READERS = {
    "people": (_read, "region,people\nUSA,333.5\nCHN,1412.5\n"),
    "deflators": (deflators, "year,region,sector,price\n" + "".join(
        f"2000,{r},{s},1.25\n" for r in "AB" for s in "12")),
    "exports": (exports, "destination,technology,product,mw\nESP,solar,panels,10.5\n"),
    "points": (read_points, "latitude,longitude,co2_mt\n52.5,13.5,1.5\n"),
    "bill": (read_bill, "name,amount,unit\nsteel,2.5,kg\nlamp,1.5,pcs\n"),
    "processes": (read_specs, "process,product,product_unit,kind,flow,amount,unit\n"
                              "mill,steel,t,input,ore,1.5,t\n"),
    "concordance": (_from_csv, "old,new,share\na,x,0.5\na,y,0.5\n"),
    "prices": (read_prices, "cn,value,unit,year,basis,log_sd,source\n"
                            "7208,600.5,EUR/t,2022,producer,0.2,mine\n"),
    "references": (read_references, "cn,origin,value,unit,scope,boundary,log_sd,name,source\n"
                                    "7208,China,2.1,t CO2e/t,direct,cbam,0.1,Works A,report\n"),
    "trade": (trade, "year,origin,cn,tonnes\n2023,CHN,72081000,1.5\n"),
}  # fmt: skip


def outcome(read, path):
    """What comes out, without the hash of the file; or what is said, and that it is an error."""
    try:
        return re.sub(r"sha256='\w+'", "", repr(read(path))), False
    except MriocarbonError as error:
        return str(error), True


@pytest.fixture(params=READERS)
def case(request, tmp_path):
    read, text = READERS[request.param]
    path = tmp_path / "Liste für März.csv"

    def given(change, encoding="utf-8"):
        path.write_bytes(change(text).encode(encoding))
        return outcome(read, path)

    return given


def test_line_ends_and_the_mark_of_utf8_change_nothing(case):
    plain = case(str)
    assert not plain[1], plain[0]
    assert case(lambda text: text.replace("\n", "\r\n")) == plain
    assert case(str, "utf-8-sig") == plain
    assert case(lambda text: text.replace("\n", "\r\n"), "utf-8-sig") == plain
    assert case(lambda text: text.rstrip("\n")) == plain
    assert case(lambda text: text + "\n\n") == plain


def test_semicolons_and_decimal_commas_are_read_right_or_refused(case):
    plain = case(str)
    for change in (
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", ";").replace(".", ","),
        lambda text: text.replace(".", ","),
    ):
        found, refused = case(change)
        if refused:
            assert "what to do:" in found
        else:
            assert found == plain[0]


def test_an_empty_file_another_alphabet_and_a_folder_are_told(case, tmp_path, request):
    for change, encoding in ((lambda text: "", "utf-8"), (lambda text: "März\n" + text, "latin-1")):
        found, refused = case(change, encoding)
        assert refused and "what to do:" in found, found
        assert "values to unpack" not in found
    read = READERS[request.node.callspec.params["case"]][0]
    found, refused = outcome(read, tmp_path)
    assert refused and str(tmp_path) in found


def test_columns_of_other_names_are_an_error_unless_they_are_asked_for(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n\n4,5,6\n", "utf-8")
    with pytest.raises(InputError, match="unknown columns: c"):
        read_rows(path, ("a",), ("b",))
    rows = read_rows(path, ("a",), ("b",), others=True)
    assert [(row.number, dict(row.cells)["c"]) for row in rows] == [(2, "3"), (4, "6")]
    with pytest.raises(InputError, match="missing columns: d"):
        read_rows(path, ("d",), others=True)


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_cells_that_no_comma_separates_are_told(tmp_path, mark, name):
    path = tmp_path / "a.csv"
    path.write_text(f"a{mark}b\n1{mark}2\n", "utf-8")
    with pytest.raises(InputError, match=f"cells are separated by {name}"):
        read_rows(path, ("a", "b"))


def test_a_row_that_is_too_short_is_told_what_it_lacks(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1\n", "utf-8")
    with pytest.raises(InputError, match="1 cells under 2 columns") as caught:
        read_rows(path, ("a",), ("b",))
    assert caught.value.do == "write a comma for each cell that is empty"


def test_columns_that_nobody_reads_may_be_doubled_or_without_a_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,c,c,,\n1,2,3,,\n,,,,\n", "utf-8")
    (row,) = read_rows(path, ("a",), others=True)
    assert row.needed("a") == 1
    with pytest.raises(InputError, match="doubled columns: '', c"):
        read_rows(path, ("a", "c"), ("",))
    with pytest.raises(InputError, match="doubled columns: c"):
        read_rows(path, ("a", "c"), others=True)
    with pytest.raises(InputError, match="missing columns: b") as caught:
        read_rows(path, ("b",), others=True)
    assert ": a, c, c, ''" in caught.value.where


def test_the_row_that_is_told_counts_the_empty_lines_before_it(tmp_path):
    path = tmp_path / "a.csv"
    for text, told in (
        ("old,new,share\n\n\na,x,0.5\na,y,half\n", f"{path}, row 5"),
        ("old,new,share\n\na,x\n", "other widths in lines 3\n"),
        ('old,new,share\n\n"a\nb",x,1\n\n"c"d,x,1\n', f"{path}, row 6"),
    ):
        path.write_text(text, "utf-8")
        found, refused = outcome(_from_csv, path)
        assert refused and told in found, found
    head = "process,product,product_unit,kind,flow,amount,unit,comment\n\n"
    for text, told in (
        (head + "mill,steel,t,input,ore,much,t,\n", "a.csv, line 3, process 'mill'"),
        (head + 'mill,steel,t,input,ore,1,t,"two\nlines"\n,,,input,coal,x,t,\n', "a.csv, line 5"),
        # an exchange of two lines begins in the first of them
        (head + 'mill,steel,t,input,ore,x,t,"two\nlines"\n', "a.csv, line 3"),
        (head + 'mill,steel,t,input,"ore"s,1,t,\n', f"{path}, row 3"),
    ):
        path.write_text(text, "utf-8")
        found, refused = outcome(read_specs, path)
        assert refused and told in found, found


def test_a_concordance_may_call_its_columns_what_it_likes_and_alike(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("region,region\n\nDEU,Europe\nCHN,Asia\n", "utf-8")
    assert _from_csv(path) == [("DEU", "Europe", None), ("CHN", "Asia", None)]
