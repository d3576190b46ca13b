"""A real vLLM server for the tests of protocol, where its environment is made."""

import socket
from collections.abc import Iterator

import pytest
from conftest import skip_missing

from mriocarbon.errors import NotAvailableError


@pytest.fixture(scope="session")
def vllm_tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of a server of the random model, which it calls ``tiny``."""
    from mriocarbon.agents.serving import models
    from mriocarbon.agents.serving.install import find
    from mriocarbon.agents.serving.serve import launch, serving

    try:
        environment = find()
    except NotAvailableError as error:
        skip_missing("server", f"{error.what}; `make test-llm` makes it")
    folder = tmp_path_factory.mktemp("vllm")
    model = models.tiny(folder / "tiny", environment)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    planned = launch(str(model), environment, port=port)
    with serving(planned, log=folder / "vllm.log"):
        yield planned.url
