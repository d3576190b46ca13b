"""TLS by the server itself: the certificate and its key, looked at before anything listens."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TypedDict

from mriocarbon.errors import DataFileError, InputError, unreadable

_HELD = (
    ("--tls-cert", b"-----BEGIN CERTIFICATE-----", "certificate"),
    ("--tls-key", b"PRIVATE KEY-----", "private key"),
)


class Options(TypedDict, total=False):
    """What uvicorn is told."""

    ssl_certfile: str
    ssl_keyfile: str


def options(cert: Path | None, key: Path | None) -> Options:
    """Return what uvicorn is told of certificate and key: nothing without them.

    Raises
    ------
    DataFileError
        A file is not there, cannot be read, or holds no certificate or key that can be used.
    InputError
        One without the other, or the key is another one's.
    """
    need_both(cert, key)
    if cert is None or key is None:
        return {}
    cert, key = cert.expanduser(), key.expanduser()
    for (option, mark, what), path in zip(_HELD, (cert, key), strict=True):
        _look(path, option, mark, what)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise InputError(
                "the key is not that of the certificate", where=f"{cert} and {key}",
                do="name the key that the certificate was made with",
            ) from None  # fmt: skip
        raise DataFileError(
            f"certificate or key cannot be used: {error.reason or error}",
            where=f"{cert} and {key}", do="look at them with `openssl x509` and `openssl pkey`",
        ) from None  # fmt: skip
    return {"ssl_certfile": str(cert), "ssl_keyfile": str(key)}


def need_both(cert: Path | None, key: Path | None) -> None:
    """Refuse a certificate without its key, or a key alone.

    Raises
    ------
    InputError
        One of the two is not given.
    """
    if (cert is None) != (key is None):
        raise InputError(
            "TLS needs a certificate and its key", where="--tls-cert and --tls-key",
            do="give both, or neither",
        )  # fmt: skip


IN_THE_CLEAR = (
    "warning: {host} is reached without TLS: API keys and answers travel in the clear, and whoever"
    " sees the network can use the keys.\n  what to do: give --tls-cert and --tls-key, or listen on"
    " 127.0.0.1 behind a proxy with TLS"
)
"""What a server says that listens beyond its machine without a certificate."""


def _look(path: Path, option: str, mark: bytes, what: str) -> None:
    """Refuse a file that cannot be read or does not hold what it should."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(
            path, error, where=f"{option} {path}",
            do=f"name the file of the {what}, in PEM, readable by who starts the server",
        ) from None  # fmt: skip
    if mark not in content:
        raise DataFileError(
            f"the file holds no {what}", where=f"{option} {path}",
            do="give it in PEM; the certificate first, then those that it rests on"
            if what == "certificate" else "give it in PEM",
        )  # fmt: skip
    if what == "private key" and b"ENCRYPTED" in content:
        raise DataFileError(
            "the key has a password, and nobody is there to type it", where=f"{option} {path}",
            do="take it off with `openssl pkey -in KEY -out PLAIN`, and let none but yourself read"
            " the file",
        )  # fmt: skip
