"""What an input is: files with names, laid end to end in one string of bytes.

Each file is a line with its name and its length in bytes, and then its bytes. atheris hands on
and keeps strings of bytes; what cannot be taken apart is one file, so that every string is an
input.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

Bundle = dict[str, bytes]
MOST_FILES = 40
_HEAD = re.compile(rb"([^\n]{1,200}) (\d{1,9})\n")


def packed(files: Bundle) -> bytes:
    """Return files as one string.

    Examples
    --------
    >>> packed({"a/b.csv": b"1,2"})
    b'a/b.csv 3\\n1,2'
    """
    return b"".join(
        f"{name} {len(body)}\n".encode("utf-8", "replace") + body for name, body in files.items()
    )


def unpacked(data: bytes) -> Bundle:
    """Return the files of a string; names are made plain, the last one takes what is left.

    Examples
    --------
    >>> unpacked(b"a/b.csv 3\\n1,2"), unpacked(b"??")
    ({'a/b.csv': b'1,2'}, {'input': b'??'})
    """
    files: Bundle = {}
    at = 0
    while at < len(data) and len(files) < MOST_FILES:
        head = _HEAD.match(data, at)
        if head is None:
            break
        name = plain(head[1].decode("utf-8", "replace"))
        at = head.end() + int(head[2])
        files[name] = data[head.end() : at]
    if at < len(data):
        files["input"] = data[at:]
    return files or {"input": b""}


def plain(name: str) -> str:
    """Return a name that stays within its folder.

    Examples
    --------
    >>> plain("../../etc/passwd"), plain("/a//b c.txt")
    ('etc/passwd', 'a/b c.txt')
    """
    parts = [re.sub(r"[\x00-\x1f/\\]", "_", part)[:80] for part in PurePosixPath(name).parts]
    return "/".join([part for part in parts if part not in ("", ".", "..", "_")][:6]) or "input"


def laid_out(files: Bundle, folder: Path) -> list[Path]:
    """Write the files below a folder; one whose place is taken by a folder is left out."""
    made = []
    for name, body in files.items():
        path = folder / plain(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        except OSError:
            continue
        made.append(path)
    return made
