"""A person in a real browser: asks, reads, clicks a number, downloads; or does without a model."""

import json
import time
import zipfile

import httpx
import pytest
from report.browser import Page

from mriocarbon import tools
from mriocarbon.service.pages import shell

pytestmark = pytest.mark.slow

READY = "window.did_handshake && window.socket?.connected"
PATHS = tuple("/" if name == "ask" else f"/{name}" for name in shell.MENU)


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory):
    one = Page(chromium, tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture
def page(browser):
    browser.events.clear()
    browser.size(1280, 1000)
    yield browser
    assert browser.faults() == []


@pytest.fixture
def still(page):
    """The reader wants no motion: colours are those that stay, not those on the way."""
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    page.call("Emulation.setEmulatedMedia", features=features)
    yield
    page.call("Emulation.setEmulatedMedia", features=[])


def until(page, expression, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := page.js(expression):
            return found
        time.sleep(0.05)
    raise AssertionError(f"never true: {expression}\n{page.js('document.body.innerText')}")


def visit(page, url, **cookies):
    """Open a page and wait until what is clicked is heard."""
    if cookies:
        page.open(url.split("/", 3)[0] + "//" + url.split("/", 3)[2] + "/health")
        for name, value in {"lang": "en", "theme": "light", **cookies}.items():
            page.js(f"document.cookie = '{name}={value};path=/'")
    page.open(url)
    until(page, READY)


def write(page, selector, text):
    page.js(f"document.querySelector({json.dumps(selector)}).select()")
    page.call("Input.insertText", text=text)


def click(page, selector, k=0):
    where = f"document.querySelectorAll({json.dumps(selector)})[{k}]"
    until(page, f"!!{where}")
    page.js(f"{where}.click()")


def come(folder, pattern, seconds=60):
    """Wait for a download."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := [one for one in folder.glob(pattern) if one.suffix != ".crdownload"]:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"no {pattern} came")


def test_asks_reads_opens_a_number_and_downloads(page, with_model, tmp_path):
    page._call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    visit(page, with_model, lang="en")
    write(page, ".mc-question textarea", "How much does China consume?")
    until(page, "document.querySelector('.mc-question textarea').value.endsWith('?')")
    page.key("Enter")
    shown = until(page, "document.querySelector('.mc-said .mc-number')?.innerText")
    value = tools.call("account", {"regions": ["CHN"]}).figures[0].value
    assert shown == f"{value:,.0f}"
    # what the model wrote is text, not markup
    assert page.js("document.querySelector('.mc-said b')") is None
    assert "<b>bold</b>" in page.js("document.querySelector('.mc-said').innerText")
    assert "account(" in page.js("document.querySelector('.mc-steps').innerText")
    click(page, ".mc-said .mc-number")
    told = until(page, "document.querySelector('.mc-card')?.innerText")
    for words in ("OECD", shown, "95 %", "China (CHN)", "tools.call('account'", "curl "):
        assert words in told
    assert "python -c " in told
    hidden = (
        "[...document.querySelectorAll('.mc-card pre')].map(p => p.scrollHeight - p.clientHeight)"
    )
    assert max(page.js(hidden)) <= 1
    links = page.js("[...document.querySelectorAll('.mc-card a')].map(a => a.href)")
    assert links and all(one.startswith(("http://", "https://")) for one in links)
    page.key("Escape")
    until(page, "!document.querySelector('.mc-card')")
    click(page, ".mc-more summary")
    click(page, ".mc-downloads button")
    assert str(value)[:12] in come(tmp_path, "*.csv").read_text()


def test_a_choice_is_asked_for_and_taken(page, with_model):
    visit(page, with_model)
    write(page, ".mc-question textarea", "Korea")
    until(page, "document.querySelector('.mc-question textarea').value == 'Korea'")
    page.key("Enter")
    click(page, ".mc-turn .mc-choices button")
    until(page, "document.querySelectorAll('.mc-turn').length == 2")
    assert "South Korea" in page.js("[...document.querySelectorAll('.mc-asked')].at(-1).innerText")


def test_what_a_models_library_says_stays_in_the_log(page, with_model):
    visit(page, with_model)
    write(page, ".mc-question textarea", "Fail")
    until(page, "document.querySelector('.mc-question textarea').value == 'Fail'")
    page.key("Enter")
    told = until(page, "document.querySelector('.mc-trouble')?.innerText")
    assert "could not be answered" in told and "secret" not in told
    # and the next question is answered
    write(page, ".mc-question textarea", "China?")
    until(page, "document.querySelector('.mc-question textarea').value == 'China?'")
    page.key("Enter")
    until(page, "!!document.querySelector('.mc-said .mc-number')")


def test_a_report_is_built_opened_and_downloaded(page, without_model, tmp_path):
    page._call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    visit(page, without_model + "/reports", lang="en")
    click(page, ".q-tab", 2)  # the study of a product is the quickest
    until(page, "document.querySelector('.mc-form textarea')?.value.includes('bracket')")
    click(page, ".mc-form .mc-go")
    until(page, "document.querySelector('.mc-job')?.innerText.length > 0")
    until(page, "!!document.querySelector('.mc-archive')", 240)
    address = page.js("document.querySelector('.mc-files a').href")
    assert "<html" in httpx.get(address).text.lower()
    click(page, ".mc-archive")
    with zipfile.ZipFile(come(tmp_path, "*.zip")) as packed:
        assert any(name.endswith(".html") for name in packed.namelist())
    visit(page, without_model + "/reports")
    assert "Done" in until(page, "document.querySelector('details.mc-more')?.innerText")
    click(page, "details.mc-more summary")
    until(page, "!!document.querySelector('details.mc-more .mc-archive')")


def test_a_slow_tool_runs_as_a_job_and_can_be_cancelled(page, without_model):
    visit(page, without_model + "/tools/sobol", lang="en")
    click(page, ".mc-go")
    until(page, "document.querySelector('.mc-job button')?.innerText == 'Cancel'")
    click(page, ".mc-job button")
    until(page, "document.querySelector('.mc-job')?.innerText == 'Cancelled'")
    jobs = httpx.get(without_model + "/v1/jobs").json()["jobs"]
    assert (jobs[0]["name"], jobs[0]["state"]) == ("sobol", "cancelled")


def test_a_table_is_uploaded_and_then_chosen_in_a_form(page, without_model, tmp_path):
    import mriocarbon as mc

    mc.save(mc.load("oecd-icio-2022"), tmp_path / "mine.npz")
    visit(page, without_model + "/tables", lang="en")
    page.js("document.querySelector('[name=name]').value = 'mine'")
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
    page.call("DOM.setFileInputFiles", nodeId=node, files=[str(tmp_path / "mine.npz")])
    click(page, ".mc-plain .mc-go")
    assert "mine" in until(
        page, "document.querySelector('.mc-plain + section .mc-note')?.innerText"
    )
    asked = '{"regions":["China"],"table_name":"mine"}'
    visit(page, without_model + "/tools/account?with=" + asked.replace('"', "%22"))
    until(page, "document.querySelectorAll('.mc-table tbody tr').length == 1")
    click(page, ".mc-number")
    told = until(page, "document.querySelector('.mc-card')?.innerText")
    assert "'mine'" in told
    visit(page, without_model + "/tables")
    click(page, "details.mc-more:last-of-type summary")
    click(page, "button[aria-label='Remove mine']")
    until(page, "!document.body.innerText.includes('mine ·')")


def test_every_tool_has_a_form_without_a_model(page, without_model):
    visit(page, without_model + "/tools", lang="en")
    named = page.js("[...document.querySelectorAll('.mc-tools a')].map(a => a.pathname)")
    assert sorted(named) == sorted(f"/tools/{one.name}" for one in tools.listing())
    visit(page, without_model + "/tools/account")
    click(page, ".mc-go")
    until(page, "document.querySelectorAll('.mc-table tbody tr').length == 2")


def test_trouble_is_told_in_the_errors_own_words(page, without_model):
    asked = "%7B%22region%22:%22Korea%22%7D"
    visit(page, without_model + f"/tools/grid_factors?with={asked}", lang="en")
    click(page, ".mc-trouble .mc-choices button")
    until(page, "document.querySelector('.mc-answer')?.innerText.includes('KOR')")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_language_theme_and_contrast(page, without_model, still, lang, theme):
    for path in PATHS:
        if path == "/map":
            continue  # a page of its own, with tests of its own
        visit(page, without_model + path, lang=lang, theme=theme)
        until(page, f"document.documentElement.lang == '{shell.PACKS[lang]}'")
        dark = until(page, "document.body.className.includes('body--') && document.body.className")
        assert ("body--dark" in dark) == (theme == "dark")
        until(page, "!document.querySelector('.mc-busy')")
        page.js("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))")
        assert page.js(CONTRAST) == [], path
        assert page.js(HEADINGS) == [], path
        assert page.js(UNNAMED) == [], path


CONTRAST = """(() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = c => {
    const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const over = (top, under) => top.slice(0, 3).map((v, k) => v * top[3] + under[k] * (1 - top[3]));
  const ground = node => {
    const layers = [];
    for (let one = node; one; one = one.parentElement) {
      const c = rgb(getComputedStyle(one).backgroundColor);
      if (c.length === 3) c.push(1);
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility?.({checkOpacity: true,
        checkVisibilityCSS: true}) || node.closest('[disabled], script,'
        + ' style, .q-skip, title'))
      continue;
    const enough = node.closest('.material-icons, .q-icon') ? 3 : 4.5;  // a graphic, or text
    const style = getComputedStyle(node), c = rgb(node.closest('svg') ? style.fill : style.color);
    if (c.length === 3) c.push(1);
    for (let one = node; one; one = one.parentElement) c[3] *= getComputedStyle(one).opacity;
    const under = ground(node), a = light(over(c, under)), b = light(under);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < enough) bad.push([walker.currentNode.data.trim().slice(0, 40), ratio.toFixed(2),
                               node.className]);
  }
  return bad.slice(0, 8);
})()"""

HEADINGS = """(() => {
  const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')]
    .filter(h => h.checkVisibility()).map(h => +h.tagName[1]);
  if (levels.filter(k => k === 1).length !== 1 || levels[0] !== 1) return levels;
  return levels.filter((k, i) => i && k > levels[i - 1] + 1);
})()"""

UNNAMED = """[...document.querySelectorAll('button, a, input, select, textarea, [role=button]')]
  .filter(e => e.checkVisibility() && e.type !== 'hidden' && !(e.innerText?.trim() || e.ariaLabel ||
    e.labels?.length || e.closest('label') || e.getAttribute('aria-labelledby') || e.title))
  .map(e => e.outerHTML.slice(0, 120))"""


def test_nothing_is_fetched_from_elsewhere(page, without_model):
    for path in ("/", "/accounts", "/tools/account", "/reports", "/tables"):
        visit(page, without_model + path)
    urls = [e["params"]["request"]["url"] for e in page.events
            if e.get("method") == "Network.requestWillBeSent"]  # fmt: skip
    assert urls and all(u.startswith((without_model, "data:", "blob:", "about:")) for u in urls)


def test_the_map_is_shown_within_the_page(page, without_model):
    visit(page, without_model + "/map", lang="en")
    until(page, "!!document.querySelector('iframe')?.contentDocument?.querySelector('svg')", 120)


def test_the_keyboard_reaches_the_content_first_and_focus_is_seen(page, without_model):
    visit(page, without_model + "/tools")
    page.key("Tab")
    until(page, "document.activeElement.className.includes('skip-link')")
    page.key("Tab")
    page.key("Tab")
    outline = page.js("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid" and page.js("document.activeElement.tagName") == "A"


def test_who_wants_less_motion_gets_none(page, without_model, still):
    visit(page, without_model + "/accounts")
    long = page.js(
        "[...document.querySelectorAll('*')].filter(e => parseFloat("
        "getComputedStyle(e).transitionDuration) > .001).length"
    )
    assert long == 0


def test_a_phone_shows_it_without_scrolling_sideways(page, without_model):
    page.size(390, 844, mobile=True)
    for path in (*PATHS, "/tools/account", "/tools/footprint"):
        if path == "/map":
            continue
        visit(page, without_model + path)
        until(page, "!document.querySelector('.mc-busy')")
        assert page.js("document.documentElement.scrollWidth") <= 390, path
    visit(page, without_model + "/accounts", lang="zh")
    until(page, "!!document.querySelector('.mc-number')")
    assert page.js("document.querySelector('.mc-menu').offsetHeight") < 80  # one line, which moves
    visit(page, without_model + "/reports", lang="zh")  # to where the reader is
    current = "document.querySelector('.mc-menu [aria-current]').getBoundingClientRect()"
    until(page, f"{current}.left >= 0 && {current}.right <= 390", 10)


def test_the_value_stays_in_sight(page, without_model):
    """A table of many columns: all of it on a desk, the value on a phone."""
    visit(page, without_model + "/natural", lang="en")
    until(page, "!!document.querySelector('.mc-number')")
    moves = "(m => m.scrollWidth > m.clientWidth + 1)(document.querySelector('.q-table__middle'))"
    assert not page.js(moves)
    assert page.js("document.querySelector('.mc-menu').offsetHeight") < 50  # one line
    page.size(390, 844, mobile=True)
    until(page, "document.documentElement.clientWidth == 390")
    assert not page.js(moves)
    assert page.js("document.querySelector('.mc-number').getBoundingClientRect().right") <= 390
    # what the columns that are left out say stands below
    assert "managed land" in page.js("document.querySelector('.mc-table td .mc-under').innerText")


def test_a_wall_of_assumptions_is_folded_and_absence_has_its_reason(page, without_model):
    visit(page, without_model + "/lca", lang="en")
    until(page, "!!document.querySelector('.mc-number')")
    assert "not modelled" in page.js("document.querySelector('.mc-reason').innerText")
    fold = (
        "[...document.querySelectorAll('summary')].find(s => s.innerText.includes('Assumptions'))"
    )
    assert page.js(f"{fold}.parentElement.open") is False
    assert page.js("document.querySelectorAll('.mc-estimate').length") == 1


def test_an_exposed_server_asks_for_a_key_and_lets_out_again(page, exposed_server):
    url, key = exposed_server
    page.open(url + "/accounts")
    until(page, "location.pathname == '/sign-in' && !!document.querySelector('#key')")
    page.js(f"document.querySelector('#key').value = {json.dumps(key)}")
    page.js("document.querySelector('form').submit()")
    until(page, "location.pathname == '/'")
    visit(page, url + "/accounts")
    until(page, "!!document.querySelector('.mc-number')")
    # the session ends elsewhere: what this page does next is refused, though its socket is open
    page.js("fetch('/sign-out', {method: 'POST', redirect: 'manual'}).then(() => window.out = 1)")
    until(page, "window.out")
    click(page, ".mc-form .mc-go")
    until(page, "document.querySelector('.mc-trouble a')?.pathname == '/sign-in'")
    page.open(url + "/accounts")
    until(page, "location.pathname == '/sign-in'")
    # a browser tells of each refusal in its console, some after the page has gone; here they are
    # what is looked for
    page.open("about:blank")
    time.sleep(1)
    assert all("401" in one for one in page.faults())
    page.events.clear()
