"""Names in many languages: read rightly, asked back, or refused; never read as another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.errors import AmbiguousNameError, NotAvailableError, UnknownNameError
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve
from mriocarbon.tools.sector_words import industries

pycountry = pytest.importorskip("pycountry")
CODES = [one.alpha_3 for one in pycountry.countries]
NAMES = [(code, name) for code in CODES for name in resolve.spellings(code)]
SECTORS = mc.load("oecd-icio-2022").sectors
REGIONS = mc.load("oecd-icio-2022").regions


def meant(name):
    try:
        return [resolve.country(name).code]
    except AmbiguousNameError as error:
        return [code for code, _ in error.options]


def test_every_name_in_every_language_is_that_country_or_asked_back():
    wrong = [(code, name, meant(name)) for code, name in NAMES if code not in meant(name)]
    assert not wrong
    assert len(NAMES) > 2500


@given(st.sampled_from(NAMES), st.sampled_from(("{}", "  {} ", "{}.", "the {}")), st.booleans())
def test_case_spaces_and_articles_change_nothing(pair, form, upper):
    code, name = pair
    assert code in meant(form.format(name.upper() if upper else name))


@given(st.sampled_from(CODES), st.data())
def test_a_slip_of_the_pen_is_that_country_or_asked_back(code, data):
    name = resolve.country_name(code)
    at = data.draw(st.integers(0, len(name) - 1))
    slipped = name[:at] + name[at + 1 :]
    if len(fold(slipped)) < 4:
        return  # a short word may be a code
    try:
        found = meant(slipped)
    except UnknownNameError:
        return
    assert code in found or resolve.country_code(slipped) in found


def test_a_slip_between_a_name_of_several_and_one_of_another_names_all():
    assert {"MAF", "SXM", "SMR"} <= set(meant("San Marin"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Россия", "RUS"), ("Republic of Korea", "KOR"), ("Deutschland", "DEU"), ("Chinaa", "CHN"),
        ("Chinese", "CHN"), ("German", "DEU"), ("US", "USA"), ("美国的", "USA"),
        ("the U.S.", "USA"),
        ("Japan's", "JPN"), ("UAE", "ARE"), ("Côte d’Ivoire", "CIV"), ("印尼", "IDN"),
        ("DR Congo", "COD"), ("Brasil", "BRA"), ("世界", "WLD"), ("欧盟", "EU27"), ("德国", "DEU"),
    ],
)  # fmt: skip
def test_names_people_write(name, code):
    assert resolve.country(name).code == code


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Korea", {"KOR", "PRK"}), ("Korean", {"KOR", "PRK"}), ("Congo", {"COD", "COG"}),
        ("Austrlia", {"AUS", "AUT"}), ("India, China", {"IND", "CHN"}), ("England", {"GBR"}),
        ("美国和中国", {"CHN", "USA"}), ("North Sudan", {"SDN", "SSD"}), ("刚果", {"COD", "COG"}),
        ("Kongo", {"COD", "COG"}), ("多米尼加", {"DOM", "DMA"}), ("Dominicana", {"DOM", "DMA"}),
        ("Saint Martin", {"MAF", "SXM"}), ("Saint-Martin", {"MAF", "SXM"}), ("Malvinas", {"FLK"}),
        ("Austrla", {"AUS", "AUT"}), ("Roman", {"OMN", "ROU"}), ("Northern Irland", {"GBR"}),
        ("Chna", {"CHN"}),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_asked_back(name, options):
    with pytest.raises(AmbiguousNameError) as caught:
        resolve.country(name)
    assert {code for code, _ in caught.value.options} == options


@pytest.mark.parametrize("name", [
    "Atlantis", "Wakanda", "", "x", "Africa", "北京", "DROP TABLE", "North Africa", "Südamerika",
    "Amérique", "Siberia", "Indies", "EU28", "EU-15", "South Asia", "Afrique", "北非", "欧元区",
    "America Latina", "Maghreb", "西伯利亚",
])  # fmt: skip
def test_what_is_no_country_offers_nothing(name):
    with pytest.raises(UnknownNameError):
        resolve.country(name)


def test_regions_inside_a_group_are_refused_with_the_group():
    for name, group in (("Germany", "EU27"), ("Kenya", "ROW"), ("Brazil", "LAM")):
        with pytest.raises(UnknownNameError, match=f"within {group}"):
            resolve.region(name, REGIONS)
    with pytest.raises(UnknownNameError, match="oecd-icio-2022-full"):
        resolve.region("Germany", REGIONS)
    with pytest.raises(UnknownNameError, match="no table at hand"):
        resolve.region("Kenya", REGIONS)
    for name, group in (("Africa", "AFR"), ("Afrika", "AFR"), ("南美", "LAM"),
                        ("the Middle East", "MEA")):  # fmt: skip
        with pytest.raises(AmbiguousNameError) as caught:  # of 11 economies, not of the continent
            resolve.region(name, REGIONS)
        assert [code for code, _ in caught.value.options] == [group]
    with pytest.raises(UnknownNameError):
        resolve.region("Africa", ("ZAF", "EGY"))
    assert resolve.region("rest of the world", REGIONS).code == "ROW"


def test_every_industry_is_found_by_code_and_by_both_names():
    for code in SECTORS:
        for name in (code, resolve.sector_name(code), resolve.sector_chinese(code)):
            assert resolve.sector(name, SECTORS).code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("steel", "C24A"), ("electricity", "D"), ("cars", "C29"), ("cement", "C23"),
        ("aluminum", "C24B"), ("钢铁行业", "C24A"), ("电力", "D"), ("the steel industry", "C24A"),
        ("chemcals", "C20"), ("航空", "H51"),
    ],
)  # fmt: skip
def test_industries_people_write(name, code):
    assert resolve.sector(name, SECTORS).code == code


@pytest.mark.parametrize("name", ["metals", "transport", "energy", "C24", "农业", "manufacturing"])
def test_words_for_several_industries_are_asked_back(name):
    with pytest.raises(AmbiguousNameError) as caught:
        resolve.sector(name, SECTORS)
    assert len(caught.value.options) > 1


@pytest.mark.parametrize(
    ("name", "about", "count"),
    [("manufacturing", "is section C of ISIC: 19 industries", 19),
     ("the manufacturing sector", "is section C of ISIC: 19 industries", 19),
     ("制造业", "is section C of ISIC: 19 industries", 19), ("C", "is section C", 19),
     ("industry", "is sections B, C, D and E of ISIC", 26), ("采矿业", "is section B of ISIC", 5),
     ("transport", "is section H of ISIC: 5 industries", 5), ("metals", "can mean several", 2)],
)  # fmt: skip
def test_a_section_is_named_with_what_can_be_used_and_how_many_more(name, about, count):
    with pytest.raises(AmbiguousNameError) as caught:
        resolve.sector(name, SECTORS)
    error = caught.value
    assert about in error.what and len(error.options) == min(count, resolve.MOST)
    assert len(error.options) + error.more == count
    codes = [code for code, _ in error.options]
    assert len(set(codes)) == len(codes) and set(codes) <= set(SECTORS)
    assert all(resolve.sector(code, SECTORS).code == code for code in codes)
    assert error.where.endswith(f" and {error.more} more") == (error.more > 0)


@pytest.mark.parametrize("name", ["manufacturing", "industry", "services"])
def test_a_section_offers_first_what_emits_most(name):
    with pytest.raises(AmbiguousNameError) as caught:
        resolve.sector(name, SECTORS)
    mrio = mc.load("oecd-icio-2022")
    extension = mrio.extension_of("GHG")
    world = extension.F[extension.row("GHG")].reshape(len(REGIONS), -1).sum(axis=0)
    emitted = dict(zip(SECTORS, world, strict=True))
    family = industries()[1][name]
    within = [code for code in SECTORS if code[0] in family.sections]
    offered = [emitted[code] for code, _ in caught.value.options]
    assert offered == sorted(offered, reverse=True)
    assert sum(offered) > 0.8 * sum(emitted[code] for code in within)


def test_industries_of_another_table_go_by_its_own_labels():
    assert resolve.sector("Widgets", ("Widgets", "Gadgets")).code == "Widgets"
    with pytest.raises(UnknownNameError):
        resolve.sector("steel", ("Widgets", "Gadgets"))
    with pytest.raises(UnknownNameError):
        resolve.sector("manufacturing", ("Chairs", "Clocks"))  # a letter alone is no section


def test_gases_and_years():
    known = ("GHG", "CO2", "CH4", "N2O", "F-gases")
    for name, code in (("CO₂e", "GHG"), ("二氧化碳", "CO2"), ("methane", "CH4"), ("co2", "CO2")):
        assert resolve.gas(name, known).code == code
    with pytest.raises(NotAvailableError):
        resolve.gas("methane", ("CO2",))
    assert resolve.year("2022", [2022]) == 2022
    for name, error in (("2021", NotAvailableError), ("last year", UnknownNameError),
                        ("22", UnknownNameError)):  # fmt: skip
        with pytest.raises(error, match="2022"):
            resolve.year(name, [2022])


def test_a_part_of_the_world_has_one_meaning_and_is_no_country():
    for name, code in resolve._parts().items():
        assert name not in resolve._countries(), name
        assert code in ("", *REGIONS)


@pytest.mark.parametrize("name", ["care", "cards", "wool", "HFCs"])
def test_a_short_word_is_not_taken_for_a_misspelt_industry_or_gas(name):
    with pytest.raises((AmbiguousNameError, UnknownNameError)):
        resolve.sector(name, SECTORS)
    with pytest.raises((AmbiguousNameError, UnknownNameError)):
        resolve.gas(name, ("GHG", "F-gases"))
