"""The catalogue of public data sets: complete, plain about what is not known, safe to use."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon import config
from mriocarbon.datasets.public import (
    CATALOGUE,
    UNKNOWN_HASH,
    find,
    plain_name,
    public_datasets,
)
from mriocarbon.errors import DataFileError, InputError, UnknownNameError

WANTED = {
    "oecd-icio": {"2023", "2025"},
    "exiobase-3": {"3.8.2", "3.9.4", "3.9.5", "3.9.6"},
    "wiod-2013": {"2013-11"},
    "wiod-2016": {"2016-11"},
    "eora26": {"v199.82"},
    "gloria": {"059a"},
    "figaro": {"2025", "2026"},
    "adb-mrio": {"2025-08"},
    "emerging": {"v1"},
    "gtap": {"11"},
    "gcb-national": {"2024-v1.0", "2025-v0.3", "2025-v1.0"},
    "ceds": {"v2024_07_08"},
    "unfccc-annex-i": {"2023"},
    "oecd-ghg": {"2025"},
    "primap-hist": {"2.6", "2.6.1"},
    "ember-electricity": {"latest"},
    "irena": {"2024"},
    "owid-co2": {"latest"},
    "cbam-2025-2621": {"2025-12"},
}


def every_file():
    return [(d, e, f) for d in public_datasets() for e in d.editions for f in e.files]


@pytest.mark.parametrize("name", WANTED)
def test_wanted_data_sets_and_editions_are_there(name):
    assert WANTED[name] <= {edition.edition for edition in find(name).editions}


def test_every_data_set_says_who_where_and_under_which_terms():
    for dataset in public_datasets():
        for text in (dataset.title, dataset.producer, dataset.licence, dataset.citation):
            assert text.strip(), dataset.name
        assert dataset.homepage.startswith("https://"), dataset.name
        assert dataset.licence_url.startswith("https://"), dataset.name
        # What no program may fetch comes with what a person does.
        assert dataset.by_hand or dataset.access == "open", dataset.name
        for edition in dataset.editions:
            assert edition.checked_by, (dataset.name, edition.edition)
            assert edition.address.startswith("https://"), (dataset.name, edition.edition)
            assert len(edition.years) in (0, 2)
            assert list(edition.years) == sorted(edition.years)


def test_unknown_hash_is_said_to_be_unknown_and_known_ones_have_an_origin():
    for dataset, edition, file in every_file():
        where = (dataset.name, edition.edition, file.name)
        assert bool(file.hashes) != (file.hash_origin == UNKNOWN_HASH), where
        assert file.size is None or file.size > 0, where


def test_families_are_expanded_and_single_figures_win():
    exiobase = find("exiobase-3")
    old = exiobase.edition("3.8.2")
    assert len([f for f in old.files if f.name.startswith("IOT_")]) == 2 * 28
    assert old.file("IOT_2011_pxp.zip").url == (
        "https://zenodo.org/records/5589597/files/IOT_2011_pxp.zip?download=1"
    )
    new = exiobase.edition("3.9.6")
    assert new.file("IOT_1995_ixi.zip").md5 == "addfa2745c26460afe6d6ebb295a8b77"
    assert not new.file("IOT_1996_ixi.zip").hashes
    names = [f.name for f in new.files]
    assert len(names) == len(set(names))


def test_addresses_and_paths_cannot_lead_astray():
    for _, _, file in every_file():
        assert file.url == "" or file.url.startswith("https://")
        assert not Path(file.data_path).is_absolute()
        assert ".." not in Path(file.data_path).parts


def test_hashes_are_those_of_the_source_data(data_folder):
    checked = 0
    for dataset, _, file in every_file():
        path = data_folder / file.data_path
        if not file.data_path or not path.is_file():
            continue
        content = path.read_bytes()
        assert len(content) == file.size, (dataset.name, file.name)
        assert hashlib.sha256(content).hexdigest() == file.sha256, (dataset.name, file.name)
        checked += 1
    assert checked >= 20


def test_unknown_names_offer_the_nearest():
    with pytest.raises(UnknownNameError, match="exiobase-3"):
        find("exiobase3")
    with pytest.raises(UnknownNameError, match=r"3\.8\.2"):
        find("exiobase-3").edition("3.8.3")
    with pytest.raises(UnknownNameError, match="IOT_2011_pxp"):
        find("exiobase-3").edition("3.8.2").file("IOT_2011_pxp")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "/etc/passwd",
        ".hidden",
        "C:x",
        "con",
        "NUL.txt",
        "a\0b",
        "a\nb",
        "x" * 300,
        "ends.",
        "ends ",
        "~root",
        "-rf",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(InputError):
        plain_name(name)


@given(st.text(max_size=20))
def test_plain_names_stay_inside_their_folder(text):
    try:
        name = plain_name(text)
    except InputError:
        return
    assert (Path("/cache") / name).resolve().parent == Path("/cache")
    assert not re.search(r"[\\/:\0]", name)


def spoiled(change):
    content = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    change(content)
    return json.dumps(content)


def set_file(**values):
    def change(content):
        content["datasets"][0]["editions"][0]["files"][1].update(values)

    return change


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        spoiled(lambda c: c.update(schema=99)),
        spoiled(lambda c: c["datasets"].append(c["datasets"][0])),
        spoiled(lambda c: c["datasets"][0].pop("licence")),
        spoiled(lambda c: c["datasets"][0].update(access="perhaps")),
        spoiled(lambda c: c["datasets"][0].update(editions=[])),
        spoiled(set_file(name="../../x.zip")),
        spoiled(set_file(url="http://example.org/x.zip")),
        spoiled(set_file(sha256="abc")),
        spoiled(set_file(data_path="../x")),
    ],
)
def test_spoiled_catalogue_is_refused_whole(tmp_path, text):
    path = tmp_path / "public.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError, match="catalogue of public data sets"):
        public_datasets(path)


def test_cache_folder_is_the_named_one_or_the_platforms(monkeypatch, tmp_path):
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "c"))
    assert config.cache_folder() == tmp_path / "c"
    assert not (tmp_path / "c").exists()
    monkeypatch.setenv("MRIOCARBON_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert config.cache_folder().name == "mriocarbon"
