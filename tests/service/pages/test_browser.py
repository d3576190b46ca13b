"""A person in a real browser: asks, reads, clicks a number, downloads; or does without a model."""

import json
import time

import pytest
from report.browser import Page

from mriocarbon import tools

pytestmark = pytest.mark.slow


@pytest.fixture
def page(chromium, tmp_path):
    one = Page(chromium, tmp_path / "profile")
    yield one
    assert one.faults() == []
    one.close()


def until(page, expression, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := page.js(expression):
            return found
        time.sleep(0.1)
    raise AssertionError(f"never true: {expression}\n{page.js('document.body.innerText')}")


def write(page, selector, text):
    page.js(f"document.querySelector({json.dumps(selector)}).focus()")
    page.call("Input.insertText", text=text)
    time.sleep(0.3)


def test_asks_reads_opens_a_number_and_downloads(page, with_model, tmp_path):
    page.open(with_model)
    until(page, "!!document.querySelector('.mc-question textarea')")
    time.sleep(1)  # the socket of the page
    write(page, ".mc-question textarea", "How much does China consume?")
    page.key("Enter")
    shown = until(page, "document.querySelector('.mc-said .mc-number')?.innerText")
    value = tools.call("account", {"regions": ["CHN"]}).figures[0].value
    assert shown == f"{value:,.0f}"
    # what the model wrote is text, not markup
    assert page.js("document.querySelector('.mc-said b')") is None
    assert "<b>bold</b>" in page.js("document.querySelector('.mc-said').innerText")
    assert "account(" in page.js("document.querySelector('.mc-steps').innerText")
    page.js("document.querySelector('.mc-said .mc-number').click()")
    told = until(page, "document.querySelector('.mc-card')?.innerText")
    assert "OECD" in told and shown in told and "95" in told
    page.key("Escape")
    until(page, "!document.querySelector('.mc-card')")
    page._call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.js("document.querySelector('.mc-more summary').click()")
    page.js("document.querySelector('.mc-downloads button').click()")
    end = time.monotonic() + 20
    while not (found := list(tmp_path.glob("*.csv"))) and time.monotonic() < end:
        time.sleep(0.1)
    assert str(value)[:12] in found[0].read_text()


def test_a_choice_is_asked_for_and_taken(page, with_model):
    page.open(with_model)
    until(page, "!!document.querySelector('.mc-question textarea')")
    time.sleep(1)
    write(page, ".mc-question textarea", "Korea")
    page.key("Enter")
    until(page, "!!document.querySelector('.mc-turn .mc-choices button')")
    page.js("document.querySelector('.mc-turn .mc-choices button').click()")
    until(page, "document.querySelectorAll('.mc-turn').length == 2")
    assert "South Korea" in page.js("[...document.querySelectorAll('.mc-asked')].at(-1).innerText")


def test_every_tool_has_a_form_without_a_model(page, without_model):
    page.open(without_model + "/tools")
    named = page.js("[...document.querySelectorAll('.mc-tools a')].map(a => a.pathname)")
    assert sorted(named) == sorted(f"/tools/{one.name}" for one in tools.listing())
    page.open(without_model + "/tools/account")
    until(page, "!!document.querySelector('.mc-go')")
    time.sleep(1)
    page.js("document.querySelector('.mc-go').click()")
    until(page, "document.querySelectorAll('.mc-table tbody tr').length == 2")


def test_trouble_is_told_in_the_errors_own_words(page, without_model):
    page.open(without_model + "/tools/account")
    until(page, "!!document.querySelector('.mc-form input')")
    time.sleep(1)
    page.js("document.querySelector('.mc-form input').select()")
    write(page, ".mc-form input", "Korea")
    page.js("document.querySelector('.mc-go').click()")
    until(page, "!!document.querySelector('.mc-trouble .mc-choices button')")
    page.js("document.querySelector('.mc-trouble .mc-choices button').click()")
    until(page, "document.querySelector('.mc-table tbody')?.innerText.includes('KOR')")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_language_and_theme_are_kept(page, without_model, lang, theme):
    page.open(without_model + "/tools")
    for name, value in (("lang", lang), ("theme", theme)):
        page.js(f"document.cookie = '{name}={value};path=/'")
    page.open(without_model + "/tools")
    until(page, f"document.documentElement.lang == {lang!r}")
    heading = until(page, "document.querySelector('h1')?.innerText")
    assert heading == {"en": "All tools", "zh": "全部工具"}[lang]
    dark = until(page, "document.body.className.includes('body--') && document.body.className")
    assert ("body--dark" in dark) == (theme == "dark")


def test_nothing_is_fetched_from_elsewhere(page, without_model):
    for path in ("/", "/accounts", "/tools/account"):
        page.open(without_model + path)
        time.sleep(1.5)
    urls = [e["params"]["request"]["url"] for e in page.events
            if e.get("method") == "Network.requestWillBeSent"]  # fmt: skip
    assert urls and all(u.startswith((without_model, "data:", "blob:", "about:")) for u in urls)


def test_the_keyboard_reaches_the_content_first(page, without_model):
    page.open(without_model + "/tools")
    time.sleep(1)
    page.key("Tab")
    assert page.js("document.activeElement.className.includes('skip-link')")
    unnamed = page.js(
        "[...document.querySelectorAll('button, a, input')].filter(e => e.offsetParent &&"
        " !(e.innerText || e.ariaLabel || e.labels?.length || e.closest('label'))).length"
    )
    assert unnamed == 0


def test_a_phone_shows_it_without_scrolling_sideways(page, without_model):
    page.size(390, 844, mobile=True)
    for path in ("/", "/accounts", "/tools/account"):
        page.open(without_model + path)
        time.sleep(2)
        assert page.js("document.documentElement.scrollWidth") <= 390
