"""Tools over HTTP: the same results and the same words as in Python."""

import csv
import io
import json

import httpx
import pytest
from service.parts import client as over

from mriocarbon import tools
from mriocarbon.errors import MriocarbonError
from mriocarbon.service import answers, problems
from mriocarbon.service.problems import Problem
from mriocarbon.service.represent import Page, accepted, links, matches
from mriocarbon.service.routes.tools import RESOURCES
from mriocarbon.tools import Figure, ToolResult


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with over(tmp_path_factory.mktemp("service")) as client:
        yield client


def test_health(api):
    assert api.get("/health").json()["status"] == "ok"


def test_every_tool_is_listed_with_schema_and_examples(api):
    found = api.get("/v1/tools").json()
    assert [one["name"] for one in found["tools"]] == [one.name for one in tools.listing()]
    for one in found["tools"]:
        assert one["arguments"]["additionalProperties"] is False
        # a tool whose data do not ship can have no example that works without them
        assert one["examples"] or "MRIOCARBON_DATA" in one["description"], one["name"]
        assert one["description"]
    alone = api.get("/v1/tools/account").json()
    assert alone == next(one for one in found["tools"] if one["name"] == "account")
    trade = api.get("/v1/tools", params={"group": "trade"}).json()["tools"]
    assert {one["group"] for one in trade} == {"trade"}


def test_lists_are_paged(api):
    first = api.get("/v1/tools", params={"limit": 3})
    assert len(first.json()["tools"]) == 3
    assert first.headers["x-total-count"] == str(len(tools.listing()))
    assert '</v1/tools?offset=3&limit=3>; rel="next"' in first.headers["link"]
    walked, url = [], "/v1/tools?limit=7"
    while url:
        page = api.get(url)
        walked += [one["name"] for one in page.json()["tools"]]
        parts = page.headers["link"].split(", ")
        url = next((p[1 : p.index(">")] for p in parts if 'rel="next"' in p), None)
    assert walked == [one.name for one in tools.listing()]


@pytest.mark.parametrize(
    ("path", "asked", "limit"),
    [("/v1/accounts/ranking", {"by": "consumption"}, 7),
     ("/v1/cbam/defaults/all", {"origin_name": "China", "sector": "aluminium"}, 5),
     ("/v1/cbam/coherence", {"origin_name": "China", "rule": "chain"}, 5),
     ("/v1/cbam/defects", {}, 4)],
)  # fmt: skip
def test_pages_of_a_tool_lead_through_all_rows_once(api, path, asked, limit):
    url, offsets, total = str(httpx.URL(path, params=asked | {"limit": limit})), [], 0
    while url and len(offsets) < 5:
        page = api.get(url)
        total = int(page.headers["x-total-count"])
        offsets.append(page.json()["offset"])
        links = page.headers["link"].split(", ")
        url = next((p[1 : p.index(">")] for p in links if 'rel="next"' in p), None)
    assert offsets == list(range(0, total, limit))[:5]  # no row is left out, none comes twice
    assert len(offsets) > 1


def test_every_tool_has_an_address_and_answers_what_it_answers_in_python(api):
    asked = {"regions": ["China", "美国"], "principle": "consumption"}
    here = tools.call("account", asked)
    posted = api.post("/v1/tools/account", json=asked)
    got = api.get("/v1/accounts", params=asked)
    assert posted.content == got.content
    assert ToolResult.model_validate_json(got.content) == here
    assert got.headers["etag"] == f'"{here.digest}"'
    described = api.get("/openapi.json").json()["paths"]
    for one in tools.listing():
        assert "post" in described[f"/v1/tools/{one.name}"]


def test_every_resource_is_a_tool_with_arguments_that_fit_its_method():
    for one in RESOURCES:
        tool = tools.get(one.tool)  # a name that is no tool fails here
        if tool.cost == "slow":
            assert one.method == "POST", "a job is made by POST alone"
    paths = [(one.method, one.path) for one in RESOURCES]
    assert len(paths) == len(set(paths))


def test_a_result_at_hand_is_not_sent_again(api):
    found = api.get("/v1/accounts", params={"regions": "USA"})
    tag = found.headers["etag"]
    again = api.get("/v1/accounts", params={"regions": "USA"}, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    other = api.get("/v1/accounts", params={"regions": "CHN"}, headers={"if-none-match": tag})
    assert other.status_code == 200 and other.headers["etag"] != tag
    table = api.get(
        "/v1/accounts", params={"regions": "USA"},
        headers={"if-none-match": tag, "accept": "text/csv"},
    )  # fmt: skip
    assert table.status_code == 200, "the table is another form with another tag"


def test_a_post_names_where_its_answer_is_got_and_is_never_answered_304(api):
    asked = {"regions": ["中国", "USA"], "principle": "production"}
    posted = api.post("/v1/tools/account", json=asked)
    tag, place = posted.headers["etag"], posted.headers["content-location"]
    got = api.get(place)
    assert got.content == posted.content and got.headers["etag"] == tag
    known = {"if-none-match": f'"other", {tag}'}
    again = api.get(place, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for header in (known, {"if-none-match": "*"}):  # RFC 9110, 13.1.2
        refused = api.post("/v1/tools/account", json=asked, headers=header)
        assert refused.status_code == 412 and refused.headers["etag"] == tag
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["content-location"] == place
    other = api.post("/v1/tools/account", json=asked, headers={"if-none-match": '"other"'})
    assert other.status_code == 200
    described = api.get("/openapi.json").json()["paths"]
    assert "412" in described["/v1/tools/account"]["post"]["responses"]
    assert "304" not in described["/v1/tools/account"]["post"]["responses"]
    assert "304" in described["/v1/tools/{name}/result"]["get"]["responses"]


def test_a_result_by_get_takes_what_post_takes(api):
    def of(name, arguments):
        return api.get(f"/v1/tools/{name}/result", params={"arguments": arguments})

    for arguments in ({"regions": ["Korea"]}, {"gas": 3}, {"region": "China"}, {"limit": 0}):
        by_post = api.post("/v1/tools/account", json=arguments)
        by_get = of("account", json.dumps(arguments))
        told = [{**answer.json(), "request_id": ""} for answer in (by_post, by_get)]
        assert by_get.status_code == by_post.status_code and told[0] == told[1]
    assert of("acount", "{}").status_code == 404
    slow = of("sobol", '{"region": "China"}')
    assert slow.status_code == 404 and "POST to /v1/tools/sobol" in slow.json()["do"]
    for wrong in ("", "[]", "{", "1", "[" * 3000, '{"regions": "\\ud800"}', '{"limit": NaN}'):
        assert of("account", wrong).status_code == 422, wrong
    assert of("account", "{}" + " " * 5000).status_code == 422


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', "*"])
def test_tags_that_match(header):
    assert matches(header, '"a"')
    assert not matches('"a-csv", ""', '"a"')


def test_csv_holds_the_same_numbers_and_where_they_come_from(api):
    asked = {"regions": ["CHN", "USA"]}
    result = tools.call("account", asked)
    answer = api.get("/v1/accounts", params=asked, headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [float(row["value"]) for row in rows] == [one.value for one in result.figures]
    assert [row["region"] for row in rows] == ["CHN", "USA"]
    for row, figure in zip(rows, result.figures, strict=True):
        assert row["unit"] == figure.unit and row["edition"] == result.edition
        assert row["estimated"] == str(figure.estimated).lower()
        assert all(one in row["caveats"] for one in result.caveats)


def test_a_word_of_a_table_is_no_formula_in_a_spreadsheet():
    from mriocarbon.service.represent import table

    evil = ToolResult(
        title="t", items=({"name": "=1+2", "code": "A"},),
        figures=(Figure(quantity="q", value=-1.5, unit="Mt", labels={"sector": "@x"}),),
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(table(evil).decode())))
    assert rows[0]["sector"] == "'@x" and rows[0]["value"] == "-1.5"
    assert rows[1]["name"] == "'=1+2" and rows[1]["value"] == ""


def test_what_is_not_known_stays_empty_and_says_why():
    from mriocarbon.service.represent import table

    gap = ToolResult(title="t", figures=(Figure(quantity="q", value=None, unit="Mt", why="gone"),))
    (row,) = csv.DictReader(io.StringIO(table(gap).decode()))
    assert row["value"] == "" and row["why"] == "gone"


@pytest.mark.parametrize(
    ("header", "media"),
    [("", "json"), ("*/*", "json"), ("text/csv", "csv"), ("text/*", "csv"),
     ("text/csv;q=0.1, */*;q=0.5", "json"), ("text/html, */*;q=0.8", "json"),
     ("application/json;q=0, text/csv", "csv")],
)  # fmt: skip
def test_forms_by_accept(header, media):
    assert accepted(header) == media


def test_neither_form_is_wanted(api):
    answer = api.get("/v1/accounts", headers={"accept": "image/png"})
    assert answer.status_code == 406 and "text/csv" in answer.json()["do"]


def same_words(name: str, arguments: dict) -> MriocarbonError:
    with pytest.raises(MriocarbonError) as raised:
        tools.call(name, arguments)
    return raised.value


@pytest.mark.parametrize(
    "arguments",
    [{"regions": ["Korea"]}, {"regions": ["Xyzzyq"]}, {"gas": "XYZ"}, {"nonsense": "1"},
     {"regions": ["Germny"]}, {"regions": ["x" * 100]}, {"table_name": "mine"}],
)  # fmt: skip
def test_errors_in_the_words_of_python(api, arguments):
    error = same_words("account", arguments)
    for answer in (
        api.post("/v1/tools/account", json=arguments), api.get("/v1/accounts", params=arguments)
    ):  # fmt: skip
        assert answer.headers["content-type"] == "application/problem+json"
        told = Problem.model_validate_json(answer.content)
        assert answer.status_code == told.status == 422
        assert (told.detail, told.where, told.do) == (error.what, error.where, error.do)
        assert told.request_id == answer.headers["x-request-id"]
        back = problems.raised(told)
        assert type(back) is type(error) and str(back) == str(error)
    if "Korea" in str(arguments):
        assert [one.code for one in told.options] == ["KOR", "PRK"]


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [("GET", "/v1/nowhere", 404, "nothing at this address"),
     ("POST", "/v1/tools/acount", 404, "did you mean 'account'"),
     ("GET", "/v1/tools/acount", 404, "did you mean 'account'"),
     ("GET", "/v1/tools?group=x", 422, "group of tools"),
     ("PUT", "/v1/accounts", 405, "not asked that way"),
     ("DELETE", "/v1/accounts", 405, "not asked that way"),
     ("PURGE", "/v1/accounts", 405, "not asked that way"),
     ("GET", "/v1", 404, "nothing at this address"),
     ("GET", "/v1/accounts/none", 404, "nothing at this address"),
     ("PURGE", "/v1/nowhere", 404, "nothing at this address"),
     ("DELETE", "/health", 405, "not asked that way"),
     ("GET", "/health/x", 404, "nothing at this address"),
     ("POST", "/openapi.json", 405, "not asked that way"),
     ("GET", "/openapi.json/x", 404, "nothing at this address"),
     ("POST", "/v1/reports/map2", 404, "did you mean 'map'?")],
)  # fmt: skip
def test_addresses_that_are_not_there(api, method, path, status, says):
    answer = api.request(method, path, headers={"accept": "text/html, */*"})
    assert answer.headers["content-type"].startswith("application/problem+json")
    told = answer.json()
    assert ("GET" in answer.headers.get("allow", "")) is (status == 405)
    assert (answer.status_code, told["status"]) == (status, status)
    assert says in told["detail"] + told["where"] + told["do"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b'{"regions": NaN}', b"\xff"])
def test_bodies_that_are_no_arguments(api, body):
    answer = api.post(
        "/v1/tools/account", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["detail"]


def test_too_much(api):
    most = api.app.state.settings.max_body
    told = api.post("/v1/tools/account", content=b" " * (most + 1))
    streamed = api.post(
        "/v1/tools/account", content=(b" " * 65536 for _ in range(most // 65536 + 1))
    )
    assert told.status_code == streamed.status_code == 413
    assert f"{most:,} bytes" in told.json()["detail"] == streamed.json()["detail"]


def test_a_fault_of_ours_says_nothing_of_the_code(api, monkeypatch, caplog):
    def broken(name, arguments=None):
        raise RuntimeError("the secret place in the code")

    monkeypatch.setattr(tools, "call", broken)
    answer = api.get("/v1/accounts", params={"regions": "IND", "gas": "CO2"})
    assert answer.status_code == 500
    assert "secret" not in answer.text and answer.headers["x-request-id"] in answer.text
    assert "the secret place" in caplog.text and answer.headers["x-request-id"] in caplog.text


def test_many_who_ask_the_same_at_once_are_answered_by_one_computation(tmp_path, monkeypatch):
    import asyncio
    import time

    from mriocarbon.service.answers import Answers

    calls, real = [], tools.call

    def slow(name, arguments=None):
        calls.append(name)
        time.sleep(0.2)
        return real(name, arguments)

    monkeypatch.setattr(tools, "call", slow)
    arguments = tools.get("account").arguments(regions=["NOR"])

    async def ask():
        answers = Answers(2)
        first = asyncio.create_task(answers.get("account", arguments))
        await asyncio.sleep(0.05)
        first.cancel()  # the one who began it hangs up
        others = await asyncio.gather(*(answers.get("account", arguments) for _ in range(5)))
        await answers.get("account", arguments)
        return {one.digest for one in others}

    assert len(asyncio.run(ask())) == 1
    assert calls == ["account"]


def test_what_takes_one_key_long_leaves_a_thread_to_others(monkeypatch):
    import asyncio
    import threading

    from mriocarbon.service import answers as module

    held, begun = threading.Event(), []

    def slow(name, arguments):
        begun.append(arguments["regions"])
        if arguments["regions"] != ["NOR"]:
            held.wait(20)
        return arguments["regions"]

    monkeypatch.setattr(module, "compute", slow)
    model = tools.get("account").arguments

    async def ask():
        answers = module.Answers(2)
        long = [
            asyncio.create_task(answers.get("account", model(regions=[code]), "alice"))
            for code in ("CHN", "USA", "IND")
        ]
        try:
            await asyncio.sleep(0.1)
            assert begun == [["CHN"]]
            found = await asyncio.wait_for(answers.get("account", model(regions=["NOR"]), "bob"), 5)
        finally:
            held.set()
        await asyncio.gather(*long)
        return found

    assert asyncio.run(ask()) == ["NOR"]


def test_openapi_describes_bounds_examples_and_problems(api):
    described = api.get("/openapi.json").json()
    get = described["paths"]["/v1/accounts"]["get"]
    regions = next(one for one in get["parameters"] if one["name"] == "regions")
    assert regions["schema"]["maxItems"] == 90 and regions["example"]
    assert get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "/ToolResult"
    )
    refused = get["responses"]["422"]["content"]["application/problem+json"]
    (example,) = (one["value"] for one in refused["examples"].values())
    told = api.post("/v1/tools/acount", json={}).json()
    assert all(example[part] == told[part] for part in ("detail", "where", "do"))
    assert "examples" not in get["responses"]["401"]["content"]["application/problem+json"]
    (shown,) = described["components"]["schemas"]["ToolResult"]["examples"]
    now = api.post("/v1/tools/bilateral", json=shown["arguments"]).json()
    assert [(f["labels"], f["unit"]) for f in shown["figures"]] == [
        (f["labels"], f["unit"]) for f in now["figures"]
    ]
    assert [f["value"] for f in shown["figures"]] == pytest.approx(
        [f["value"] for f in now["figures"]]
    )
    assert shown["sources"] == now["sources"] and shown["caveats"] == now["caveats"]
    unit = described["components"]["schemas"]["Figure"]["properties"]["unit"]
    assert "Mt CO2e" in unit["description"]
    post = described["paths"]["/v1/tools/account"]["post"]["requestBody"]["content"]
    given = post["application/json"]["examples"]
    assert [one["value"] for one in given.values()] == [
        dict(one) for one in tools.get("account").examples
    ]
    text = json.dumps(described)
    for reference in set(_references(described)):
        assert reference.split("/")[-1] in described["components"]["schemas"], reference
    assert "HTTPValidationError" not in text


def _references(part):
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for one in part:
            yield from _references(one)


def test_links_of_a_page_whose_length_is_the_tools_own():
    from starlette.requests import Request

    scope = {"type": "http", "method": "GET", "path": "/v1/x", "query_string": b"a=1&offset=5",
             "headers": [], "server": ("h", 80), "scheme": "http"}  # fmt: skip
    told = links(Request(scope), Page(5, 5, 0, 20))["link"]
    assert told == '</v1/x?a=1&offset=0>; rel="first", </v1/x?a=1&offset=10>; rel="next"'
    told = links(Request(scope), Page(3, 5, 4, 8))["link"]
    assert 'offset=1&limit=4>; rel="prev"' in told and 'offset=4&limit=4>; rel="last"' in told
    assert "next" not in told


def test_numbers_beyond_all_bounds_are_the_callers_fault(api):
    asked = {"first": 5e14, "second": 8e14, "years": 2e-311}
    told = api.post("/v1/tools/carbon_stock_change", json=asked)
    assert told.status_code == 422 and "finite" in told.text


def test_what_takes_long_once_is_done_before_it_answers(monkeypatch, caplog):
    called = []

    def compute(name, arguments):
        called.append(name)
        if name == "account":
            raise RuntimeError("out of order")

    monkeypatch.setattr(answers, "compute", compute)
    answers.warm()
    # its search of supply chains is compiled, or loaded; what fails keeps no server from starting
    assert called == ["account", "paths"] and "out of order" in caplog.text
