"""Tables of one's own: read in a process of their own, and nothing else comes in with them."""

import io
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from service.parts import client as over

import mriocarbon as mc
from mriocarbon import tools
from mriocarbon.errors import InputError
from mriocarbon.service import confined, uploads
from mriocarbon.service.settings import Settings
from mriocarbon.service.uploads import inspect, safe_name
from mriocarbon.tools import tables


def small(folder, name="table.npz", **changed):
    """A table of two regions and two sectors, in a file."""
    given = {
        "regions": ["CHN", "USA"], "sectors": ["Agriculture", "Steel"],
        "Z": np.array([[1.0, 2, 0, 1], [3, 4, 1, 0], [0, 1, 5, 2], [1, 0, 2, 6]]),
        "Y": np.array([[10.0, 1], [5, 2], [1, 12], [2, 9]]),
    } | changed  # fmt: skip
    mrio = mc.MRIO.from_arrays(
        Z=given["Z"], Y=given["Y"], regions=given["regions"], sectors=given["sectors"],
        stressors={"GHG": [4.0, 9, 3, 8]}, year=2022,
    )  # fmt: skip
    return mc.save(mrio, folder / name)


def packed(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("given", "safe"),
    [("WIOT2014.zip", "WIOT2014.zip"), ("../../x.csv", "x.csv"), ("C:\\a\\b.npz", "b.npz"),
     (".hidden.csv", "hidden.csv"), ("a\0b\nc.csv", "a_b_c.csv"), ("", "upload"),
     ("表.csv", "_.csv"), ("-rf.csv", "rf.csv")],
)  # fmt: skip
def test_file_names_are_names_alone(given, safe):
    assert safe_name(given) == safe


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "..\\b", "C:/x", "\\x"]
)
def test_members_that_lead_out_of_their_folder(tmp_path, name):
    path = packed(tmp_path / "a.zip", {"good.csv": "1,2"})
    inspect(path, 1 << 20)
    path = packed(tmp_path / "b.zip", {"good.csv": "1,2"})
    with zipfile.ZipFile(path, "a") as archive:
        one = zipfile.ZipInfo("x")
        one.filename = name
        archive.writestr(one, "evil")
    with pytest.raises(InputError, match="leads out of its folder"):
        inspect(path, 1 << 20)


def test_links_bombs_and_crowds(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        one = zipfile.ZipInfo("link")
        one.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(one, "/etc/passwd")
    with pytest.raises(InputError, match="is a link"):
        inspect(path, 1 << 20)
    path = packed(tmp_path / "b.zip", {"a.csv": bytes(range(256)) * (1 << 13)})
    with pytest.raises(InputError, match="once unpacked"):
        inspect(path, 1 << 20)
    path = packed(tmp_path / "d.zip", {"a.csv": b"0" * (1 << 24)})
    with pytest.raises(InputError, match="unpacks to more than"):
        inspect(path, 1 << 30)
    path = packed(tmp_path / "c.zip", {str(k): b"" for k in range(uploads.MEMBERS + 1)})
    with pytest.raises(InputError, match="members"):
        inspect(path, 1 << 20)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("a.zip", b"no zip", "no zip"), ("a.npz", b"\x93NUMPY", "no zip"), ("a.csv", b"a\0b", "text")],
)
def test_files_that_are_not_what_they_are_called(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        inspect(path, 1 << 20)
    path = packed(tmp_path / "b.csv", {"a": "1"})
    with pytest.raises(InputError, match="it is a zip"):
        inspect(path, 1 << 20)


def test_a_table_is_read_in_a_process_of_its_own_and_used_by_name(tmp_path, monkeypatch):
    file = small(tmp_path)
    monkeypatch.chdir(tmp_path)  # its processes run in another folder than it was named from
    with over(Path("service"), start=False) as client:
        form = {"name": "mine"}
        made = client.post("/v1/tables", data=form, files={"file": ("t.npz", file.read_bytes())})
        assert made.status_code == 201, made.text
        about = made.json()["about"]
        assert (about["rows"], about["regions"], about["year"]) == (4, ["CHN", "USA"], 2022)
        again = client.post("/v1/tables", data=form, files={"file": ("t.npz", file.read_bytes())})
        assert again.status_code == 422 and "there already" in again.json()["detail"]
        asked = {"table_name": "mine", "principle": "production", "households": False}
        found = client.get("/v1/accounts", params=asked)
        assert found.status_code == 200, found.text
        values = {f["labels"]["region"]: f["value"] for f in found.json()["figures"]}
        assert values == {"CHN": 13.0, "USA": 11.0}
        listed = client.get("/v1/tables").json()
        assert [t["name"] for t in listed["tables"] if t["uploaded"]] == ["mine"]
        assert client.get("/v1/tables/mine").json()["about"] == about
        # another server in the same folder knows it too, and a job does
        tables.remove("mine")
        client.app.state.uploads.open()
        assert tables.table("mine").regions == ("CHN", "USA")
        job = client.post("/v1/jobs", json={"tool": "account", "arguments": asked}).json()
        client.get(job["links"]["events"])
        result = client.get(f"/v1/jobs/{job['id']}/result").json()
        assert {f["labels"]["region"]: f["value"] for f in result["figures"]} == values
        assert client.delete("/v1/tables/mine").status_code == 204
        assert client.delete("/v1/tables/mine").status_code == 404
        assert client.delete("/v1/tables/oecd-icio-2022").status_code == 404
        assert client.get("/v1/accounts", params=asked).status_code == 422
        assert not list((tmp_path / "service" / "tables").iterdir()), "nothing is left"


def test_what_cannot_be_read_is_told_without_a_path_of_this_machine(tmp_path):
    pickled = io.BytesIO()
    np.savez(pickled, Z=np.array([{"a": 1}], dtype=object), Y=[1.0], regions=["A"], sectors=["B"])
    with over(tmp_path) as client:
        answer = client.post(
            "/v1/tables", data={"name": "evil"}, files={"file": ("t.npz", pickled.getvalue())}
        )
        assert answer.status_code == 422
        assert str(tmp_path) not in answer.text and "incoming" not in answer.text
        assert client.get("/v1/tables/evil").status_code == 404
        assert not list((tmp_path / "tables").iterdir())


@pytest.mark.parametrize(
    ("form", "file", "says"),
    [({"name": "../x"}, "a.npz", "no name for a table"), ({"name": "A B"}, "a.npz", "no name"),
     ({"name": "oecd-icio-2022"}, "a.npz", "there already"), ({"name": "ok"}, "a.pkl", "not read"),
     ({"name": "ok"}, "a", "not read"), ({"name": "ok", "year": "soon"}, "a.npz", "year"),
     ({}, "a.npz", "name")],
)  # fmt: skip
def test_uploads_that_are_refused_before_they_are_read(api, monkeypatch, form, file, says):
    monkeypatch.setattr(confined, "start", None)  # nothing is started for them
    answer = api.post("/v1/tables", data=form, files={"file": (file, b"x")})
    assert answer.status_code == 422 and says in answer.text, answer.text


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with over(tmp_path_factory.mktemp("service"), max_upload=100_000) as client:
        yield client


def test_an_upload_that_is_too_large(api):
    answer = api.post("/v1/tables", data={"name": "big"}, files={"file": ("a.npz", b"0" * 100_001)})
    assert answer.status_code == 413


def test_reading_has_a_limit_of_time_and_of_rows(tmp_path, monkeypatch):
    from service.parts import script

    file = small(tmp_path).read_bytes()
    with over(tmp_path / "a", upload_seconds=0.2) as client:
        monkeypatch.setattr(confined, "start", script("time.sleep(60)"))
        answer = client.post("/v1/tables", data={"name": "mine"}, files={"file": ("t.npz", file)})
        assert answer.status_code == 422 and "more than 0.2 s" in answer.json()["detail"]
        monkeypatch.setattr(confined, "start", script("os._exit(3)"))
        client.app.state.uploads.settings = client.app.state.settings
        answer = client.post("/v1/tables", data={"name": "mine"}, files={"file": ("t.npz", file)})
        assert answer.status_code == 500 and "code 3" in answer.json()["detail"]
        assert "memory" not in answer.text, "that it ended of itself says nothing of memory"
        monkeypatch.setattr(confined, "start", script("os.kill(os.getpid(), 9)"))
        answer = client.post("/v1/tables", data={"name": "mine"}, files={"file": ("t.npz", file)})
        assert answer.status_code == 422 and "memory" in answer.json()["do"]


@pytest.mark.slow
def test_a_table_with_too_many_rows(tmp_path):
    file = small(tmp_path).read_bytes()
    with over(tmp_path / "a", max_sectors=3) as client:
        answer = client.post("/v1/tables", data={"name": "mine"}, files={"file": ("t.npz", file)})
        assert answer.status_code == 422 and "more than 3" in answer.json()["detail"]


@pytest.mark.slow
def test_a_zip_of_the_plain_layout(tmp_path):
    mrio = mc.read(small(tmp_path))
    folder = mc.save(mrio, tmp_path / "plain")
    path = packed(tmp_path / "p.zip", {f.name: f.read_bytes() for f in folder.iterdir()})
    with over(tmp_path / "a") as client:
        made = client.post(
            "/v1/tables", data={"name": "plain"}, files={"file": (path.name, path.read_bytes())}
        )
        assert made.status_code == 201, made.text
        assert (tables.table("plain").Z == mrio.Z).all()
        client.app.state.uploads.close()
        assert "plain" not in tables.names()
    with pytest.raises(InputError):
        tools.call("account", {"table_name": "plain"})


def test_a_table_half_removed_or_damaged_keeps_no_server_from_starting(tmp_path, caplog):
    folder = tmp_path / "tables"
    whole = folder / "whole"
    whole.mkdir(parents=True)
    small(whole)
    (whole / "about.json").write_text("{}")
    for name, about in (("half", "{}"), ("cut", '{"regi')):
        (folder / name).mkdir()
        (folder / name / "about.json").write_text(about)
    (folder / ".removed-0123").mkdir()
    with over(tmp_path, start=True) as client:
        assert client.get("/health").status_code == 200
        assert {"whole"} <= set(tables.names()) and not {"half", "cut"} & set(tables.names())
        assert "half" in caplog.text and "cut" in caplog.text
        assert not (folder / ".removed-0123").exists()
        for name in ("half", "cut", "whole"):
            assert client.delete(f"/v1/tables/{name}").status_code == 204
        assert client.delete("/v1/tables/half").status_code == 404
    assert list(folder.iterdir()) == []


def test_removing_is_one_step_for_who_looks_at_the_disk(tmp_path, monkeypatch):
    folder = tmp_path / "tables" / "mine"
    folder.mkdir(parents=True)
    small(folder)
    (folder / "about.json").write_text("{}")

    def killed(path, ignore_errors=False):
        raise KeyboardInterrupt

    kept = uploads.Uploads(Settings(folder=tmp_path))
    kept.open()
    monkeypatch.setattr(uploads.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        kept.remove("mine")
    assert kept.about() == {} and "mine" not in tables.names()
