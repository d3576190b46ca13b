"""The world map in a real browser: it colours, tells, listens to keys, and fetches nothing."""

import csv
import io
import json
import re

import pytest
from report.browser import Page

from mriocarbon.atlas.world import world_map
from mriocarbon.report import atlas_page

NO_DATA = "PRI"  # within the United States in every source of emissions


@pytest.fixture(scope="module")
def world():
    return world_map()


@pytest.fixture(scope="module")
def folder(world, tmp_path_factory):
    target = tmp_path_factory.mktemp("map") / "new"
    atlas_page.write(world, target)
    return target


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "map.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data(text):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    return json.loads(found[1])


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory):
    page = Page(chromium, tmp_path_factory.mktemp("profile"))
    yield page
    page.close()


@pytest.fixture
def page(browser, folder):
    browser.size(1280, 1000)
    browser.events.clear()
    browser.open((folder / "map.html").as_uri())
    return browser


def middle(page, code):
    """Pixels of the middle of a country's point on the screen."""
    return page.js(
        f"(() => {{ const p = new DOMPoint(...D.spots[at.get('{code}')])"
        ".matrixTransform(drawing.getScreenCTM()); return [p.x, p.y]; })()"
    )


def fills(page, selector="#lands path, #dots circle"):
    return page.js(
        f"[...document.querySelectorAll('{selector}')].map(s => getComputedStyle(s).fill)"
    )


# ---------------------------------------------------------------------------- the file


def test_files(folder, world):
    assert sorted(p.name for p in folder.iterdir()) == sorted(atlas_page.NAMES)
    rows = list(csv.DictReader(io.StringIO((folder / "national.csv").read_text(encoding="utf-8"))))
    assert len(rows) == len(world.names) * len(world.layers)
    for row in rows:
        assert (row["value"] == "") == row["note"].startswith("missing"), row
        if row["value"]:
            assert row["source"] and row["unit"] and row["method"], row
    flows = list(csv.DictReader(io.StringIO((folder / "flows.csv").read_text(encoding="utf-8"))))
    assert len(flows) == 81 * 80
    assert all(float(f["low"]) <= float(f["value"]) <= float(f["high"]) for f in flows)


def test_one_file_under_two_megabytes_with_no_address_to_fetch(text):
    assert len(text.encode()) < 2_000_000
    assert "default-src 'none'" in text
    static = re.sub(r'<a href="https?://[^"]*">', "<a>", text.split("<script type")[0])
    assert not re.search(r"(?:src|href)\s*=|@import|url\((?!#)", static)
    assert not re.search(r"\bfetch\(|XMLHttpRequest|import\(|WebSocket", text)


def test_figures_on_the_page_are_those_of_the_layers(data, world):
    for one in data["layers"]:
        frame = world.layers[one["id"]]
        for k, code in enumerate(data["codes"]):
            value, shown = frame.loc[code, "value"], one["own"]["value"][k]
            if value != value:
                assert shown is None
            else:
                assert shown == pytest.approx(value, rel=1e-3)
                assert data["words"][one["own"]["source"][k]]


def test_another_year_names_its_source_and_leaves_out_what_it_has_not():
    earlier = json.loads(json.dumps(atlas_page.data(world_map(2010))))
    by = {one["id"]: one for one in earlier["layers"]}
    assert earlier["year"] == 2010
    assert by["consumption"]["own"]["label"] == "Global Carbon Budget"
    assert by["consumption"]["same"] and by["production"]["own"]["label"].startswith("several")
    latest = world_map(2024)
    assert "consumption" in latest.missing and "production" in latest.layers
    assert "Not on this map: figures of 2024" in atlas_page.render(latest)


# ---------------------------------------------------------------------------- the browser


def test_no_fault_and_no_request(page, folder):
    page.js("state.arcs = true; refresh(); choose(at.get('CHN')); document.title")
    assert page.faults() == []
    assert page.requests() == [(folder / "map.html").as_uri()]


def test_faults_and_requests_would_be_seen(page):
    """The check above can fail."""
    page.js("console.error('broken'); fetch('https://example.invalid/x').catch(() => 1)")
    assert any("broken" in fault for fault in page.faults())
    assert any("Content Security Policy" in fault for fault in page.faults())


def test_every_country_has_a_colour_and_is_there_once(page, world):
    shapes = page.js("[...document.querySelectorAll('[data-c]')].map(s => s.dataset.c)")
    assert set(world.names) - set(shapes) == {"ATA"}
    names = page.js("[...document.querySelectorAll('[data-c]')].map(s => s.getAttribute('class'))")
    assert all(re.fullmatch(r"q[0-7]|nd", name) for name in names)
    assert len(set(names)) >= 7


def test_slider_changes_colours_years_and_source(page):
    before = fills(page)
    page.js("document.getElementById('year').focus()")
    page.js("document.querySelector('input[name=basis][value=series]').click()")
    latest = fills(page)
    page.js("document.getElementById('year').focus()")
    for _ in range(12):
        page.key("ArrowLeft")
    assert page.js("document.getElementById('year-shown').textContent") == "2010"
    earlier = fills(page)
    changed = sum(a != b for a, b in zip(latest, earlier, strict=True))
    assert changed > 20
    assert before != latest
    assert page.js("figure(at.get('VNM')).source").startswith("Global Carbon Budget")
    page.js("document.querySelector('input[name=basis][value=own]').click()")
    assert fills(page) == before
    assert page.js("document.getElementById('year-shown').textContent") == "2022"


def test_slider_stays_within_the_years_of_a_layer(page, data):
    for k, one in enumerate(data["layers"]):
        page.js(f"state.layer = {k}; refresh()")
        slider = page.js("(e => [e.disabled, +e.min, +e.max])(document.getElementById('year'))")
        if one["series"] is None:
            assert slider[0] is True
        else:
            assert slider == [False, one["series"]["years"][0], one["series"]["years"][-1]]


def test_play_runs_through_the_years_and_stops(page):
    page.js("document.getElementById('layer').value = 3")
    page.js("document.getElementById('layer').dispatchEvent(new Event('change'))")
    page.js("state.basis = 'series'; setYear(2021); document.getElementById('play').click()")
    assert page.js("document.getElementById('play').getAttribute('aria-pressed')") == "true"
    page.js("new Promise(done => setTimeout(done, 1700))")
    assert page.js("document.getElementById('year-shown').textContent") == "2023"
    assert page.js("document.getElementById('play').getAttribute('aria-pressed')") == "false"


def test_tooltip_holds_value_interval_source_and_mark(page, world):
    x, y = middle(page, "BRA")
    page.mouse("mouseMoved", x, y)
    told = page.js("document.getElementById('tip').innerText")
    row = world.layers["consumption"].loc["BRA"]
    assert "Brazil" in told and f"{row.value:.0f}† Mt CO₂" in told
    assert f"95 %: {row.low:.0f} to {row.high:.0f}" in told
    assert "Source: OECD ICIO 2022" in told and "† estimate" in told
    page.mouse("mouseMoved", 5, 5)
    assert page.js("document.getElementById('tip').hidden") is True


def test_a_country_without_a_figure_is_no_data_and_not_zero(page):
    assert page.js(f"shapesOf.get('{NO_DATA}')[0].getAttribute('class')") == "nd"
    fill = page.js(f"getComputedStyle(shapesOf.get('{NO_DATA}')[0]).fill")
    assert "hatch" in fill
    page.js(f"choose(at.get('{NO_DATA}'))")
    panel = page.js("document.getElementById('panel').innerText")
    assert "no data" in panel and "counted within United States" in panel
    row = page.js(
        "[...document.querySelectorAll('#table tbody tr')]"
        ".find(r => r.cells[0].textContent === 'Puerto Rico').innerText"
    )
    assert "no data" in row and not re.search(r"\b0\b", row)


def test_negative_and_positive_have_opposite_colours(page):
    page.js("state.layer = 2; refresh()")
    assert page.js("shapesOf.get('CHN')[0].getAttribute('class')") == "d0"
    assert page.js("shapesOf.get('USA')[0].getAttribute('class')") == "d8"
    assert page.js("shapesOf.get('PRI')[0].getAttribute('class')") == "nd"


def test_per_person_divides_by_the_population_of_the_year(page, world):
    page.js("document.querySelector('input[name=per][value=person]').click()")
    people = world.population["USA"][world.population_years.index(2022)]
    shown = page.js("figure(at.get('USA')).value")
    value = world.layers["consumption"].loc["USA", "value"]
    assert shown == pytest.approx(1e6 * value / people, rel=1e-3)
    assert "t CO₂ per person" in page.js("document.getElementById('legend').innerText")
    assert page.js("figure(at.get('ESH'), layer(), 'own').missing") == "no population figure"


def test_keys_alone_reach_select_and_leave_a_country(page):
    page.js("document.getElementById('map').focus()")
    page.key("ArrowRight")
    first = page.js("state.keyed")
    assert first >= 0
    page.key("ArrowLeft")
    page.key("ArrowLeft")
    assert page.js("state.keyed") != first
    said = page.js("document.getElementById('spoken').textContent")
    assert "Consumption 2022" in said and "95 %" in said and "source" in said
    assert page.js("document.getElementById('tip').hidden") is False
    page.key("Enter")
    name = page.js("D.names[state.chosen]")
    assert page.js("document.querySelector('#panel h2').textContent") == name
    assert page.js("document.getElementById('country').selectedOptions[0].text") == name
    page.key("Escape")
    assert page.js("state.chosen") == -1
    assert page.js("document.querySelector('#panel h2').textContent") == "World"


def test_every_country_can_be_reached_by_arrows(page):
    lost = page.js(
        "(() => { const seen = new Set([at.get('DEU')]), todo = [...seen];"
        "while (todo.length) { const i = todo.pop(); for (const w of [[1,0],[-1,0],[0,1],[0,-1]]) {"
        "const k = towards(i, ...w); if (!seen.has(k)) { seen.add(k); todo.push(k); } } }"
        "return D.codes.filter((c, i) => !seen.has(i) && shapesOf.get(c).length); })()"
    )
    assert len(lost) <= 12  # the list and the table have these too
    options = page.js("document.querySelectorAll('#country option').length")
    assert options == page.js("N") + 1


def test_every_control_has_a_name(page):
    bare = page.js(
        "[...document.querySelectorAll('button, input, select')].filter(e => !("
        "e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim())).map(e => e.id)"
    )
    assert bare == []


def test_arcs_of_a_country_are_its_own_with_interval_and_direction(page, world):
    page.js("document.getElementById('arcs').click()")
    assert page.js("document.querySelectorAll('#flows path').length") == 30
    page.js("choose(at.get('JPN'))")
    pairs = page.js("[...document.querySelectorAll('#flows path')].map(p => p.dataset.flow)")
    japan = str(page.js("at.get('JPN')"))
    assert pairs and all(japan in pair.split(":") for pair in pairs)
    incoming = page.js("[...document.querySelectorAll('#flows path.in')].map(p => p.dataset.flow)")
    assert incoming and all(pair.split(":")[1] == japan for pair in incoming)
    told = page.js("tipOfFlow(flowsShown()[0])[0].textContent")
    assert "→" in told and "95 %:" in told and "Source: OECD" in told
    # Wide where it arises: the first and last points across the path.
    widths = page.js(
        "(() => { const n = arcPath(0, 0, 100, 0, 10).slice(1, -1).split('L')"
        ".map(p => p.split(',').map(Number));"
        "const d = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);"
        "return [d(n[0], n[n.length - 1]), d(n[n.length / 2 - 1], n[n.length / 2])]; })()"
    )
    assert widths[0] == pytest.approx(10, abs=0.2) and widths[1] < 1
    page.js("choose(at.get('KEN'))")
    assert "no economy of its own" in page.js("document.getElementById('flow-note').textContent")


def test_table_sorts_and_its_csv_is_what_is_shown(page, world):
    first = "document.querySelector('#table tbody tr').cells[0].textContent"
    assert page.js(first) == "China"
    page.js("document.getElementById('value-head').click()")
    assert page.js("document.getElementById('value-head').parentNode.ariaSort") == "ascending"
    last = page.js("[...document.querySelectorAll('#table tbody tr')].at(-1).innerText")
    assert "no data" in last  # last in both directions
    page.js("document.querySelector('#table thead button').click()")
    assert page.js(first) == "Afghanistan"
    rows = list(csv.DictReader(io.StringIO(page.js("csv()"))))
    assert len(rows) == len(world.names)
    by = {row["iso3"]: row for row in rows}
    china = world.layers["consumption"].loc["CHN"]
    assert float(by["CHN"]["value"]) == pytest.approx(china.value, rel=1e-3)
    assert by["CHN"]["source"] and by["CHN"]["estimated"] == "true"
    assert by[NO_DATA]["value"] == "" and by[NO_DATA]["note"].startswith("missing")


def test_click_on_the_map_selects(page):
    x, y = middle(page, "AUS")
    page.mouse("mouseMoved", x, y)
    page.click(x, y)
    assert page.js("document.querySelector('#panel h2').textContent") == "Australia"
    panel = page.js("document.getElementById('panel').innerText")
    assert "All years" in panel and "Emitted here for others" in panel
    page.js("document.getElementById('zoom-in').click()")
    assert page.js("state.chosen") == page.js("at.get('AUS')")
    assert page.js("view.zoom") == 2
    x, y = middle(page, "AUS")
    box = page.js("(r => [r.left, r.top, r.right, r.bottom])(drawing.getBoundingClientRect())")
    assert box[0] < x < box[2] and box[1] < y < box[3]


def touch(page, kind, *points):
    page.call(
        "Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y} for x, y in points]
    )


def test_a_finger_moves_the_zoomed_map(page):
    page.size(390, 844, mobile=True)
    page.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=5)
    page.js("document.getElementById('map').scrollIntoView({block: 'center'})")
    page.js("zoom(4); new Promise(done => setTimeout(done, 200))")
    page.js("window.cut = 0; map.addEventListener('pointercancel', () => cut++)")
    x, y = page.js("(b => [b.left + b.width / 2, b.top + b.height / 2])"
                   "(drawing.getBoundingClientRect())")  # fmt: skip
    before, scrolled = page.js("[view.x, view.y]"), page.js("scrollY")
    touch(page, "touchStart", (x, y))
    for k in range(1, 13):
        touch(page, "touchMove", (x + 5 * k, y + 5 * k))
        page.js("new Promise(done => setTimeout(done, 20))")
    touch(page, "touchEnd")
    after = page.js("[view.x, view.y]")
    assert after[0] < before[0] - 10 and after[1] < before[1] - 10
    assert page.js("cut") == 0 and page.js("scrollY") == scrolled
    page.js("zoom(1 / 16)")  # the whole map again: the finger scrolls the page
    assert page.js("getComputedStyle(drawing).touchAction") == "manipulation"
    page.call("Emulation.setTouchEmulationEnabled", enabled=False)


def test_rows_of_the_table_are_low_on_a_telephone_and_buttons_off_the_map(page):
    page.size(390, 844, mobile=True)
    high = page.js("[...document.querySelectorAll('#table tbody tr')].map(r => r.offsetHeight)")
    assert sorted(high)[len(high) // 2] < 60
    low = page.js("drawing.getBoundingClientRect().bottom")
    top = page.js("document.getElementById('zoom-in').getBoundingClientRect().top")
    assert top >= low


def test_figures_of_other_years_are_named_by_them(page, data):
    for k, one in enumerate(data["layers"]):
        page.js(f"state.layer = {k}; refresh()")
        for part in ("own-label", "table-about", "year-shown", "panel"):
            told = page.js(f"document.getElementById('{part}').textContent")
            assert one["own"]["when"] in told, (one["id"], part)
    by = {one["id"]: one for one in data["layers"]}
    assert by["natural: biosphere"]["own"]["when"] == "2015–2020"
    assert by["consumption"]["own"]["when"] == "2022"
    page.js("choose(at.get('BRA'))")
    assert "land and air, 2015–2020" in page.js("document.getElementById('panel').textContent")


def test_volcanoes_are_named_and_cited(data_folder, text, data):
    by = {one["id"]: one for one in data["layers"]}
    assert by["natural: processes"]["label"] == "Natural: volcanoes"
    assert not any(".xlsx" in word for word in data["words"])
    assert "Fioletov" in text.split("Citations")[1] and "Aiuppa" in text.split("Citations")[1]


def test_the_colours_of_flows_are_named(page):
    page.js("state.arcs = true; choose(at.get('JPN'))")
    told = page.js("document.getElementById('flow-note').textContent")
    assert "(pink)" in told and "(green)" in told


def test_the_world_has_an_interval_where_models_agree_on_zero(page, data):
    k = [one["id"] for one in data["layers"]].index("natural: land-use change")
    page.js(f"state.layer = {k}; refresh()")
    assert "at most" in page.js("document.getElementById('panel').textContent")


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_is_cut_off_at_the_side(page, width):
    page.size(width, 844, mobile=width < 700)
    assert page.js("document.documentElement.scrollWidth <= innerWidth")
    page.js("choose(at.get('GBR')); state.arcs = true; state.layer = 2; refresh()")
    assert page.js("document.documentElement.scrollWidth <= innerWidth")
    assert page.faults() == []


def test_both_schemes_draw_land_apart_from_sea(page):
    for scheme in ("light", "dark"):
        page.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        sea = page.js("getComputedStyle(document.querySelector('.sphere')).fill")
        ground = page.js("getComputedStyle(document.body).backgroundColor")
        land = page.js("getComputedStyle(shapesOf.get('CHN')[0]).fill")
        assert land not in (sea, ground)
        # The lowest class too: Greenland must not be lost in the sea.
        page.js("shapesOf.get('GRL')[0].setAttribute('class', 'q0')")
        lowest = page.js("getComputedStyle(shapesOf.get('GRL')[0]).fill")
        a, b = (list(map(int, re.findall(r"\d+", one)[:3])) for one in (lowest, sea))
        assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 45, scheme
        bright = sum(map(int, re.findall(r"\d+", ground)[:3])) / 3
        assert bright > 200 if scheme == "light" else bright < 60
    page.call("Emulation.setEmulatedMedia", features=[])
