"""Everything is said in both languages: pages, tools, arguments, hints, options, regions."""

import pytest

from mriocarbon import tools
from mriocarbon.service.pages import fields, names, shell, subjects, words
from mriocarbon.service.pages.words_arguments import ARGUMENTS, HINTS_ZH, OPTIONS
from mriocarbon.service.pages.words_quantities import quantity
from mriocarbon.service.pages.words_tools import (
    GROUPS_EN,
    GROUPS_ZH,
    REPORTS_EN,
    REPORTS_ZH,
    TABS,
    TOOLS_ZH,
)
from mriocarbon.service.reports import REPORTS
from mriocarbon.tools import resolve

KNOWN = {one.name: one for one in tools.listing()}


def properties():
    """Every property of every form, resolved, with what its parts hold."""

    def walk(schema, whole):
        for name, one in schema.get("properties", {}).items():
            found = fields.resolved(one, whole)
            yield name, found
            inner = fields.resolved(found.get("items", {}), whole)
            yield from walk(found, whole)
            if inner:
                yield f"{name}[]", inner
                yield from walk(inner, whole)

    for one in KNOWN.values():
        yield from walk(one.schema(), one.schema())
    for one in REPORTS.values():
        schema = one.arguments.model_json_schema()
        yield from walk(schema, schema)


def test_every_text_is_in_both_languages():
    for english, chinese in (*words.WORDS.values(), *words.LABELS.values(), *TABS.values(),
                             *ARGUMENTS.values(), *OPTIONS.values()):  # fmt: skip
        assert english and chinese
    for name in (*shell.MENU, *(f"{s}_lead" for s in shell.MENU[1:])):
        assert words.say(name, "en") and words.say(name, "zh")


def test_every_tool_and_report_has_a_title_and_a_line_in_chinese():
    assert set(KNOWN) == set(TOOLS_ZH)
    assert set(REPORTS) == set(REPORTS_ZH) == set(REPORTS_EN)
    assert set(tools.GROUPS) == set(GROUPS_ZH) == set(GROUPS_EN)
    for title, line in (*TOOLS_ZH.values(), *REPORTS_ZH.values()):
        assert title and line and any(letter >= "\u4e00" for letter in title + line)


def test_every_argument_has_a_name_and_every_hint_is_in_chinese():
    unnamed = {name for name, _ in properties() if "[]" not in name} - set(ARGUMENTS)
    assert unnamed == set()
    hints = {one["description"] for name, one in properties()
             if "[]" not in name and "description" in one}  # fmt: skip
    # what a definition says of itself is not shown where the property says more
    assert {hint for hint in hints if hint not in HINTS_ZH} == set()


def test_every_choice_is_in_words_but_for_formulas_and_numbers():
    choices = {str(value) for _, one in properties() for value in one.get("enum", ())}
    plain = {c for c in choices if c not in OPTIONS}
    assert plain <= {
        "CO2", "CH4", "N2O", "CO", "NOX", "GtC", "Gt CO2", "Mt CO2", "SAR", "TAR", "AR4", "AR5",
        "AR5CCF", "AR6", "2006", "2013", "2019", "20", "100", "500", "16", "32", "64", "128",
    }  # fmt: skip


def test_subjects_name_tools_that_exist_and_every_tool_has_a_place():
    named = [name for one in subjects.SUBJECTS.values() for name, _ in one.tools]
    assert set(named) <= set(KNOWN) and set(named) == set(TABS)
    assert set(subjects.SUBJECTS) <= set(shell.MENU)


@pytest.mark.parametrize("name", list(subjects.SUBJECTS))
def test_the_first_answer_of_each_page_is_there_at_once(name):
    first, start = subjects.SUBJECTS[name].tools[0]
    assert KNOWN[first].cost == "fast"
    found = tools.call(first, start)
    assert found.figures


def test_every_start_is_taken_by_its_tool():
    for one in subjects.SUBJECTS.values():
        for name, start in one.tools:
            if start is not None:
                KNOWN[name].arguments.model_validate(dict(start))


@pytest.mark.parametrize(
    ("key", "value", "english", "chinese"),
    [("region", "CHN", "China (CHN)", "中国 (CHN)"),
     ("partner", "EU27", "European Union (27) (EU27)", "欧盟（27 国） (EU27)"),
     ("region", "destination not known", "destination not known", "destination not known"),
     ("principle", "consumption", "consumption (footprint)", "消费侧（足迹）"),
     ("year", "2022", "2022", "2022"), ("good", "7208", "7208", "7208")],
)  # fmt: skip
def test_codes_are_shown_with_names(key, value, english, chinese):
    assert names.shown(key, value, "en") == english
    assert names.shown(key, value, "zh") == chinese


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_suggested_names_are_read_as_the_country_they_stand_for(lang):
    listed = names.countries(lang)
    assert len(listed) > 240 and len({name for name, _ in listed}) == len(listed)
    for name, code in listed:
        if code != "EU27":
            assert resolve.country(name).code == code
    found = tools.call("account", {"regions": [names.written("EU27", lang)]})
    assert found.figures[0].labels["region"] == "EU27"


def test_quantities_keep_what_they_say():
    assert quantity("consumption account, industries only", "zh") == "消费侧账户，仅行业"
    assert quantity("coke taken in", "zh") == "投入：coke"
    assert quantity("something new", "zh") == "something new"


def chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize(
    "text",
    ["carbon footprint", "carbon footprint, part: fossil", "effect of an assumption",
     "consumption over production, with land-use change, of bookkeeping models",
     "production with managed land, as the inventory's total with land use",
     "consumption with the whole biosphere, natural exchange included",
     "bias of the default value with mark-up", "values before mark-up: overstates",
     "first-order Sobol index", "elasticity of direct to charge", "published claim, avoided",
     "part of the footprint by process", "account of region less that of partner"],
)  # fmt: skip
def test_what_slow_tools_count_is_in_chinese(text):
    assert chinese(quantity(text, "zh")) and quantity(text, "en") == text


def test_no_scope_is_none_and_a_grid_that_stays_is_another_word():
    assert names.shown("scope", "none", "zh") == "无" and names.option("none", "zh") == "不变"


def test_an_english_form_starts_in_english():
    assert names.typed("中国") == "China" and names.industry("钢铁") == "Iron and steel"


def test_what_a_tool_answers_is_one_line():
    assert not any("\n" in shell.View("en", "auto").about(one) for one in KNOWN.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", list(subjects.SUBJECTS))
def test_what_a_page_answers_has_chinese_titles_heads_and_quantities(name, request):
    if name == "natural":  # its fluxes may not be shipped
        request.getfixturevalue("data_folder")
    view = shell.View("zh", "auto")
    for tool, start in subjects.SUBJECTS[name].tools:
        one = KNOWN[tool]
        if one.cost == "slow":
            continue
        found = tools.call(tool, dict(start if start is not None else one.examples[0]))
        assert chinese(view.titled(found)), tool
        counted = {figure.quantity for figure in found.figures}
        assert {q for q in counted if not chinese(view.quantity(q))} <= {"GDP"}, tool
        keys = {k for figure in found.figures for k in figure.labels}
        keys |= {k for item in found.items for k in item}
        assert keys <= set(words.LABELS), tool


@pytest.mark.parametrize(
    ("key", "value", "english", "chinese"),
    [("stage", "tier 2", "tier 2", "第 2 层"), ("households", "included", "included", "包括"),
     ("route", "returned home", "returned home", "返回本国"),
     ("route", "USA D <- CHN B05", None, None), ("method", "BLUE", "BLUE", "BLUE"),
     ("technology", "solar and wind", "solar and wind", "光伏与风电"),
     ("process", "coke taken in", "coke taken in", "投入：coke"), ("table", "CHN",
      "China (CHN)", "中国 (CHN)")],
)  # fmt: skip
def test_values_are_in_words(key, value, english, chinese):
    if english is None:
        assert names.shown(key, value, "en").startswith("Electricity and gas (USA) ← ")
        assert names.shown(key, value, "zh").count("←") == 1
        return
    assert (names.shown(key, value, "en"), names.shown(key, value, "zh")) == (english, chinese)


def test_a_form_starts_in_the_readers_language_and_is_read_the_same():
    assert names.typed("China", "zh") == "中国" and names.typed("China", "en") == "China"
    assert names.industry("steel", "zh") == "钢铁" and names.industry("nowhere", "zh") == "nowhere"
    here = {"region": names.typed("China", "zh"), "sector": names.industry("steel", "zh")}
    plain = tools.call("scopes", {"region": "China", "sector": "steel"})
    assert tools.call("scopes", here).figures == plain.figures
