"""How the service is set up: where it listens, what it lets in, how much it takes on."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from mriocarbon import config
from mriocarbon.errors import InputError
from mriocarbon.service.tls import need_both

MIB = 1 << 20


def _folder() -> Path:
    return config.cache_folder() / "service"


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one server; the defaults are for one person on this machine.

    Attributes
    ----------
    host, port : str, int
        Where it listens. Any host but this machine itself demands API keys.
    hosts : tuple of str
        More names under which it may be addressed, such as behind a proxy; they demand API keys
        too, because others can then reach it.
    trust_proxy : tuple of str
        Addresses of proxies that ask for others: who asks and whether by TLS is then read from
        X-Forwarded-For and X-Forwarded-Proto, and keys are demanded.
    folder : Path
        Jobs, uploaded tables and, unless `keys` is given, the file of API keys.
    keys : Path, optional
        The file of API keys (``mriocarbon serve key add NAME``).
    tls_cert, tls_key : Path, optional
        Certificate (with those that it rests on) and private key, PEM: the server then speaks TLS.
    max_body, max_upload : int
        Bytes of a request, and of one with a table.
    max_tables, max_sectors : int
        Uploaded tables kept at once, and rows of the largest.
    upload_seconds, upload_memory : float, int
        Limits of the process that parses an uploaded table; seconds and bytes.
    jobs_at_once, job_queue : int
        How many jobs run at once and how many may wait, of one key at most half of them. Whose key
        has fewest jobs running comes first, then whose turn was longest ago.
    job_seconds, job_memory, job_threads : float, int, int
        Limits of one job's process; seconds, bytes, threads of linear algebra.
    jobs_kept : int
        Ended jobs of each key that are kept on disk; the oldest go first.
    threads, algebra_threads : int
        Tools that are computed at once (of one key all but one of them, at least one), and threads
        of linear algebra in each. More than one is
        slower as soon as other work is on the cores: an account of 1,000 sectors with its interval
        took 77 ms of processor time with one, 258 ms with two, beside a job.
    per_minute, burst : int
        Requests that one key or address may make when the server is exposed.
    ask_seconds, asks_at_once : float, int
        Limits of questions to the language model.
    session_hours : float
        How long a browser stays signed in.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    hosts: tuple[str, ...] = ()
    trust_proxy: tuple[str, ...] = ()
    folder: Path = field(default_factory=_folder)
    keys: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_body: int = MIB
    max_upload: int = 256 * MIB
    max_tables: int = 4
    max_sectors: int = 5000
    upload_seconds: float = 300.0
    upload_memory: int = 4096 * MIB
    jobs_at_once: int = 1
    job_queue: int = 20
    job_seconds: float = 3600.0
    job_memory: int = 8192 * MIB
    job_threads: int = 1
    jobs_kept: int = 200
    threads: int = 2
    algebra_threads: int = 1
    per_minute: int = 600
    burst: int = 120
    ask_seconds: float = 300.0
    asks_at_once: int = 2
    session_hours: float = 12.0

    def __post_init__(self) -> None:
        # jobs and uploads hand it to processes that run in another folder
        object.__setattr__(self, "folder", self.folder.absolute())
        for address in self.trust_proxy:
            try:
                ipaddress.ip_address(address)
            except ValueError:
                raise InputError(
                    f"{address!r} is no address of a proxy", where="--trust-proxy",
                    do="give the IP address that it connects from, such as 127.0.0.1",
                ) from None  # fmt: skip
        need_both(self.tls_cert, self.tls_key)
        for name in (
            "max_body", "max_upload", "max_tables", "max_sectors", "upload_seconds",
            "upload_memory", "jobs_at_once", "job_queue", "job_seconds", "job_memory",
            "job_threads", "jobs_kept", "threads", "algebra_threads", "per_minute", "burst",
            "ask_seconds", "asks_at_once", "session_hours",
        ):  # fmt: skip
            if getattr(self, name) <= 0:
                raise InputError(
                    f"{name} is {getattr(self, name)}", where="settings of the service",
                    do="give a number above zero",
                )  # fmt: skip

    @property
    def exposed(self) -> bool:
        """Whether others than programs on this machine may reach it."""
        return not is_loopback(self.host) or bool(self.hosts) or bool(self.trust_proxy)

    @property
    def scheme(self) -> str:
        """What its addresses begin with."""
        return "http" if self.tls_cert is None else "https"

    @property
    def key_file(self) -> Path:
        """The file of API keys, which need not exist."""
        return self.keys or self.folder / "keys.json"

    @property
    def known_hosts(self) -> frozenset[str]:
        """Names that a request may be addressed to, in lower case, without a port."""
        return frozenset(
            one.casefold().strip("[]")
            for one in ("localhost", "127.0.0.1", "::1", self.host, *self.hosts)
        )


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on is this machine alone.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
