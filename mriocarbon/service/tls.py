"""TLS by the server itself: the certificate and its key, looked at before anything listens."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TypedDict

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.service.settings import Settings

_HELD = (
    ("--tls-cert", b"-----BEGIN CERTIFICATE-----", "certificate"),
    ("--tls-key", b"PRIVATE KEY-----", "private key"),
)


class Options(TypedDict, total=False):
    """What uvicorn is told."""

    ssl_certfile: str
    ssl_keyfile: str


def options(settings: Settings) -> Options:
    """Return what uvicorn is told of certificate and key: nothing without them.

    Raises
    ------
    DataFileError
        A file is not there, cannot be read, or holds no certificate or key that can be used.
    InputError
        The key is another one's.
    """
    if settings.tls_cert is None or settings.tls_key is None:
        return {}
    cert, key = settings.tls_cert.expanduser(), settings.tls_key.expanduser()
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


def _look(path: Path, option: str, mark: bytes, what: str) -> None:
    """Refuse a file that cannot be read or does not hold what it should."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataFileError(
            f"the file cannot be read: {error.strerror}", where=f"{option} {path}",
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
