"""Reports: checked before a job is made, built in its process, fetched file by file or as a zip."""

import io
import zipfile

import pytest
from service.parts import client as over

from mriocarbon.errors import MriocarbonError
from mriocarbon.service import confined
from mriocarbon.service.jobs import ENDED
from mriocarbon.service.reports import REPORTS, build


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with over(tmp_path_factory.mktemp("service")) as client:
        yield client


def test_kinds_are_listed_with_what_they_take(api):
    found = api.get("/v1/reports").json()["reports"]
    assert [one["name"] for one in found] == list(REPORTS)
    described = api.get("/openapi.json").json()["paths"]
    for one in found:
        assert one["arguments"]["properties"]
        body = described[one["post"]]["post"]["requestBody"]["content"]["application/json"]
        example = body["examples"][one["name"]]["value"]
        given = REPORTS[one["name"]].arguments.model_validate(example)
        assert given.model_dump(mode="json", exclude_none=True) == example


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [("cbam-audit", {"origin": "Korea"}, "can mean several"),
     ("cbam-audit", {"origin": "China", "x": 1}, "Extra inputs"),
     ("lca", {"question": "carbon footprint of a hook"}, "with"),
     ("lca", {"question": "x.yaml"}, "question"),
     ("adjustments-2022", {"principles": ["consumtion"]}, "principle"),
     ("avoided", {"technology": ["coal"]}, "solar"),
     ("map", {"gas": "GHG"}, "CO2 only"), ("map", {"resolution": 0.7}, "resolution")],
)  # fmt: skip
def test_what_cannot_be_built_makes_no_job(api, monkeypatch, name, asked, says):
    monkeypatch.setattr(confined, "start", None)
    answer = api.post(f"/v1/reports/{name}", json=asked)
    assert answer.status_code == 422 and says in answer.text, answer.text
    assert api.get("/v1/jobs").json()["total"] == 0


def test_a_question_is_no_path(tmp_path):
    """A bill that ends like a file would be read from this machine's disk."""
    bill = tmp_path / "secret.csv"
    bill.write_text("name,amount,unit\nsteel,1,kg\n")
    for text in (str(bill), f"{bill}.yaml", "../x.csv"):
        with pytest.raises(MriocarbonError) as raised:
            build("lca", {"question": text}, tmp_path / "out", print)
        assert "no such file" not in str(raised.value)


def test_names_are_read_before_the_job(api):
    asked = REPORTS["avoided"].arguments(exporter="中国")
    assert REPORTS["avoided"].check(asked).exporter == "CHN"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "asked"),
    [("adjustments-2022", {"principles": ["consumption"], "gases": ["CO2"]}),
     ("cbam-audit", {"origin": "India"}),
     ("lca", {"question": "carbon footprint of a hook with 0.2 kg steel", "draws": 200}),
     ("avoided", {"technology": ["solar"], "draws": 200}),
     ("map", {"resolution": 5.0})],
)  # fmt: skip
def test_reports_are_built_and_fetched(tmp_path, name, asked):
    with over(tmp_path) as client:
        made = client.post(f"/v1/reports/{name}", json=asked)
        assert made.status_code == 202, made.text
        number = made.json()["id"]
        stream = client.get(f"/v1/jobs/{number}/events").text
        job = client.get(f"/v1/jobs/{number}").json()
        assert job["state"] in ENDED and job["state"] == "done", job["error"]
        assert stream.count("event: progress") >= 1
        pages = [n for n in job["links"] if n.endswith(".html")]
        page = client.get(job["links"][pages[0]])
        assert page.headers["content-type"].startswith("text/html") and "<html" in page.text
        assert page.headers["content-security-policy"].startswith("sandbox")
        archive = zipfile.ZipFile(io.BytesIO(client.get(job["links"]["archive"]).content))
        assert set(pages) <= set(archive.namelist()) and archive.testzip() is None
        assert client.get(f"/v1/jobs/{number}/files/job.json").status_code == 404
        assert client.get(f"/v1/jobs/{number}/files/..%2fjob.json").status_code == 404
        assert client.get(f"/v1/jobs/{number}/result").status_code == 404
