"""A real vLLM server for the tests of protocol, where its environment is made."""

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import skip_missing

from mriocarbon.errors import NotAvailableError

# A random adapter of rank 8 for the two layers of the random model.
ADAPTER = """
import sys, torch
from safetensors.torch import save_file
torch.manual_seed(1)
save_file({
    f"base_model.model.model.layers.{layer}.self_attn.{name}.lora_{side}.weight":
        0.3 * torch.randn(*((8, 128) if side == "A" else (width, 8)))
    for layer in range(2) for name, width in (("q_proj", 128), ("v_proj", 64)) for side in "AB"
}, sys.argv[1] + "/adapter_model.safetensors")
"""


def make_adapter(folder: Path, python: Path) -> Path:
    """Write an adapter as a training would."""
    folder.mkdir()
    subprocess.run([str(python), "-c", ADAPTER, str(folder)], check=True, timeout=300)
    settings = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 8, "lora_alpha": 16,
                "bias": "none", "target_modules": ["q_proj", "v_proj"]}  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="session")
def vllm_tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of a server of the random model, ``tiny``; ``adapted`` is it with an adapter."""
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
    adapter = make_adapter(folder / "adapter", environment.python)
    planned = launch(str(model), environment, port=port, lora=[f"adapted={adapter}"])
    with serving(planned, log=folder / "vllm.log"):
        yield planned.url
