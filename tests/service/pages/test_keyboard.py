"""A person without a mouse, one who hears the page, and one who waits for a slow answer."""

import json
import time

import pytest
from report.browser import Page
from service.pages.test_browser import until, visit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory):
    one = Page(chromium, tmp_path_factory.mktemp("profile"))
    one.call("Emulation.setFocusEmulationEnabled", enabled=True)
    one.call("Accessibility.enable")
    yield one
    one.close()


@pytest.fixture
def page(browser):
    browser.events.clear()
    browser.size(1280, 1000)
    yield browser
    assert browser.faults() == []


FOCUS = "document.activeElement"


def roles(page, *wanted):
    """Role, name, description and what must be filled in, as a screen reader is told."""
    told = []
    for node in page.call("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value")
        if role in wanted and not node.get("ignored"):
            more = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
            told.append((role, node["name"]["value"], node.get("description", {}).get("value", ""),
                         more.get("required", False)))  # fmt: skip
    return told


def test_landmarks_and_fields_say_what_they_are(page, without_model):
    visit(page, without_model + "/tools/scopes", lang="en")
    marks = [one[0] for one in roles(page, "banner", "main", "contentinfo", "navigation")]
    assert sorted(marks) == ["banner", "contentinfo", "main", "navigation"]
    fields = {name: (text, needed) for _, name, text, needed in roles(page, "textbox")}
    assert fields["Country or region *"] == ("country or region, by name in any language or code",
                                             True)  # fmt: skip
    assert not fields["Year"][1] and fields["Year"][0]
    visit(page, without_model + "/accounts")
    assert [one[1] for one in roles(page, "tablist")] == ["Accounts"]


def test_a_country_is_suggested_where_one_is_asked_for(page, without_model):
    visit(page, without_model + "/tools/scopes", lang="en")
    for name, most in (("mc-countries", 200), ("mc-industries", 40)):
        page.js(f"document.querySelector('[data-suggest={name}]').focus()")
        assert page.js(f"{FOCUS}.list.id") == name
        assert page.js(f"{FOCUS}.list.options.length") > most


def test_a_keyboard_computes_sorts_and_opens_and_stays_where_it_was(page, without_model):
    asked = json.dumps({"regions": ["China", "USA", "India"]}).replace('"', "%22")
    visit(page, without_model + f"/tools/account?with={asked}", lang="en")
    until(page, "document.querySelectorAll('.mc-table tbody tr').length == 3")
    first = page.js("document.querySelectorAll('.mc-sort')[1].dataset.stay")
    page.js("document.querySelector('.mc-go').focus()")
    page.key("Enter")
    until(page, f"![undefined, '{first}'].includes("
          "document.querySelectorAll('.mc-sort')[1]?.dataset.stay)")  # fmt: skip
    until(page, "document.querySelector('.mc-spoken').innerText.startsWith('Answer: GHG')")
    assert page.js(f"{FOCUS}.className") == "mc-go"
    page.js("document.querySelectorAll('.mc-sort')[1].focus()")
    for order in ("ascending", "descending"):
        page.key("Enter")
        until(page, f"!!document.querySelector('th[aria-sort={order}]')")
        until(page, f"{FOCUS}.className == 'mc-sort' && {FOCUS}.innerText.startsWith('Value')")
    assert page.js("document.querySelector('tbody tr').innerText").startswith("China")
    page.js("document.querySelectorAll('.mc-table .mc-number')[1].focus()")
    shown = page.js(f"{FOCUS}.innerText")
    page.key("Enter")
    until(page, f"!!{FOCUS}.closest('.mc-card')")
    page.key("Escape")
    until(page, f"{FOCUS}.className == 'mc-number' && {FOCUS}.innerText == '{shown}'")


def test_a_checkbox_shows_that_it_has_the_focus(page, without_model):
    visit(page, without_model + "/tools/account", lang="en")
    page.js("document.querySelector('.mc-form .q-field input').focus()")
    for _ in range(6):
        page.key("Tab")
        if page.js(f"{FOCUS}.getAttribute('role')") == "checkbox":
            break
    box = f"getComputedStyle({FOCUS}.querySelector('.q-checkbox__bg'))"
    assert page.js(f"{box}.outlineStyle + {box}.outlineWidth") == "solid2px"


def test_a_slow_answer_comes_and_a_new_question_ends_the_one_before(page, without_model):
    asked = json.dumps({"region": "China", "draws": 100}).replace('"', "%22")
    visit(page, without_model + f"/tools/interval?with={asked}", lang="en")
    page.js("document.querySelector('.mc-go').click()")
    until(page, "document.querySelector('.mc-time')?.innerText.endsWith(' s')")
    # seconds are no news: what is read out does not hold them
    assert " s" not in page.js("document.querySelector('.mc-job [role=status]').innerText")
    page.js("document.querySelector('.mc-go').click()")
    until(page, "!!document.querySelector('.mc-answer .mc-number')", 120)
    until(page, "document.querySelector('.mc-spoken').innerText.startsWith('Answer: ')")
    # one below the other, not side by side
    places = "['.mc-title', '.mc-table'].map(s => document.querySelector(s).offsetTop)"
    assert page.js(f"(([title, table]) => title < table)({places})")
    assert page.js("getComputedStyle(document.querySelector('.mc-title').parentElement).display") \
        == "block"  # fmt: skip
    told = page.js("fetch('/v1/jobs').then(r => r.json()).then(r => r.jobs.map(j => j.state))")
    assert sorted(told) == ["cancelled", "done"]
    # what was computed before is unfolded on the page of reports
    visit(page, without_model + "/reports")
    page.js("document.querySelector('details.mc-more summary').click()")
    until(page, "!!document.querySelector('details.mc-more .mc-number')")


def test_a_server_that_went_away_is_told(page, tmp_path):
    from service.pages.conftest import _served

    served = _served("none", tmp_path)
    visit(page, next(served) + "/tools/account", lang="zh")
    served.close()
    until(page, "document.getElementById('popup').ariaHidden == 'false'")
    assert page.js("document.getElementById('popup').getAttribute('role')") == "alert"
    told = page.js("document.getElementById('popup').textContent").strip()
    assert told.startswith("与服务器的连接已断开")
    page.open("about:blank")
    time.sleep(0.5)
    page.events.clear()  # a browser tells of each refused connection in its console
