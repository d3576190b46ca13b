"""Turn a GGUF file into a folder that vLLM serves: ``python convert.py IN.gguf OUT [--int8]``.

Read are the architectures qwen2 and llama with their byte-level tokenizers. With ``--int8`` every
projection is rounded to eight bits per output channel (symmetric, scale = largest magnitude / 127;
activations are rounded per token while it runs), in the format of compressed-tensors: on a CPU with
VNNI it is the fastest that vLLM runs. The other tensors become bfloat16.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors.torch import save_file

IN_A_BLOCK = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
ON_TOP = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
CLASSES = {"qwen2": "Qwen2ForCausalLM", "llama": "LlamaForCausalLM"}
# How a text is cut before the merges; the patterns are part of what the models were trained on.
QWEN2_CUT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5  # GGUF's types of a token
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}
INT8 = {
    "quant_method": "compressed-tensors",
    "format": "int-quantized",
    "quantization_status": "compressed",
    "ignore": ["lm_head"],
    "config_groups": {
        "group_0": {
            "targets": ["Linear"],
            "weights": {
                "num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel",
                "dynamic": False,
            },
            "input_activations": {
                "num_bits": 8, "type": "int", "symmetric": True, "strategy": "token",
                "dynamic": True,
            },
        }
    },
}  # fmt: skip


class Source:
    """The fields and tensors of a GGUF file."""

    def __init__(self, path: str) -> None:
        self.reader = GGUFReader(path)
        self.arch = str(self.get("general.architecture"))
        if self.arch not in CLASSES:
            raise SystemExit(f"architecture {self.arch!r} is not read; known: {', '.join(CLASSES)}")

    def get(self, key: str, default: Any = None) -> Any:
        """Return a field's value."""
        fields = self.reader.fields
        return fields[key].contents() if key in fields else default

    def own(self, key: str) -> Any:
        """Return a field of the architecture."""
        return self.get(f"{self.arch}.{key}")


def renamed(name: str) -> str | None:
    """Return the name of a tensor at Hugging Face; None for one that it has no use for."""
    if name in ON_TOP:
        return ON_TOP[name]
    match = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(weight|bias)", name)
    if match is None or match[2] not in IN_A_BLOCK:
        return None
    return f"model.layers.{match[1]}.{IN_A_BLOCK[match[2]]}.{match[3]}"


def tensors(source: Source, int8: bool) -> dict[str, torch.Tensor]:
    """Return all tensors, renamed, and rounded where asked for."""
    found: dict[str, torch.Tensor] = {}
    every = source.reader.tensors
    for number, tensor in enumerate(every, start=1):
        name = renamed(tensor.name)
        if name is None:
            if tensor.name != "rope_freqs.weight":
                raise SystemExit(f"tensor {tensor.name!r} is not known: the model would be wrong")
            continue
        shape = [int(n) for n in reversed(tensor.shape)]
        weight = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())
        weight = weight.reshape(shape)
        if source.arch == "llama" and re.search(r"\.[qk]_proj\.", name):
            # llama.cpp lays the halves of a rotary pair side by side
            kind = "head_count" if ".q_proj." in name else "head_count_kv"
            heads = source.own(f"attention.{kind}")
            weight = weight.reshape(heads, shape[0] // heads // 2, 2, *shape[1:])
            weight = weight.swapaxes(1, 2).reshape(shape)
        if int8 and name.endswith("_proj.weight"):
            scale = (weight.abs().amax(1, keepdim=True) / 127).clamp_min(1e-8)
            found[name] = (weight / scale).round().clamp(-127, 127).to(torch.int8)
            found[f"{name}_scale"] = scale.to(torch.float32)
        else:
            found[name] = weight.to(torch.bfloat16).contiguous()
        if number % 20 == 0 or number == len(every):
            print(f"{number} of {len(every)} tensors", flush=True)
    return found


def config(source: Source, rows: int, tied: bool, int8: bool) -> dict[str, Any]:
    """Return the content of config.json."""
    made = {
        "_name_or_path": source.get("general.name"),
        "architectures": [CLASSES[source.arch]],
        "model_type": source.arch,
        "hidden_act": "silu",
        "hidden_size": source.own("embedding_length"),
        "intermediate_size": source.own("feed_forward_length"),
        "num_hidden_layers": source.own("block_count"),
        "num_attention_heads": source.own("attention.head_count"),
        "num_key_value_heads": source.own("attention.head_count_kv"),
        "max_position_embeddings": source.own("context_length"),
        "rms_norm_eps": source.own("attention.layer_norm_rms_epsilon"),
        "rope_theta": source.own("rope.freq_base"),
        "vocab_size": rows,
        "attention_dropout": 0.0,
        "tie_word_embeddings": tied,
        "torch_dtype": "bfloat16",
        "bos_token_id": source.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": source.get("tokenizer.ggml.eos_token_id"),
        "use_cache": True,
    }
    return made | ({"quantization_config": INT8} if int8 else {})


def tokenizer(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the contents of tokenizer.json and tokenizer_config.json."""
    tokens = source.get("tokenizer.ggml.tokens")
    types = source.get("tokenizer.ggml.token_type")
    cut = source.get("tokenizer.ggml.pre")
    split: dict[str, Any]
    if cut == "qwen2":
        split = {"type": "Split", "pattern": {"Regex": QWEN2_CUT}, "behavior": "Isolated",
                 "invert": False}  # fmt: skip
        by_bytes, normalizer = BYTE_LEVEL | {"use_regex": False}, {"type": "NFC"}
    elif cut in ("smollm", "default", "gpt-2"):
        split = {"type": "Digits", "individual_digits": True}
        by_bytes, normalizer = BYTE_LEVEL | {"use_regex": True}, None
    else:
        raise SystemExit(f"the tokenizer cuts text as {cut!r}, which is not known")
    added = [
        {"id": number, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": kind == CONTROL}
        for number, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind in (CONTROL, USER_DEFINED)
    ]  # fmt: skip
    apart = {one["id"] for one in added} if source.arch == "qwen2" else set()
    vocabulary = {
        token: number
        for number, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if number not in apart and (kind != UNUSED or source.arch == "llama")
    }
    file = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, by_bytes]},
        "post_processor": BYTE_LEVEL | {"use_regex": False},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
                    "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
            "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False,
            "vocab": vocabulary, "merges": source.get("tokenizer.ggml.merges"),
        },
    }  # fmt: skip
    bos, eos, pad = (source.get(f"tokenizer.ggml.{key}_token_id") for key in
                     ("bos", "eos", "padding"))  # fmt: skip
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": source.own("context_length"),
        "clean_up_tokenization_spaces": False,
        "bos_token": tokens[bos] if source.arch == "llama" else None,
        "eos_token": tokens[eos],
        "pad_token": tokens[eos if pad is None else pad],
        "added_tokens_decoder": {
            str(one["id"]): {key: value for key, value in one.items() if key != "id"}
            for one in added
        },
        "chat_template": source.get("tokenizer.chat_template"),
    }
    return file, settings


def convert(path: str, out: Path, int8: bool) -> None:
    """Write the folder."""
    source = Source(path)
    found = tensors(source, int8)
    out.mkdir(parents=True, exist_ok=True)
    save_file(found, str(out / "model.safetensors"), metadata={"format": "pt"})
    rows = int(found["model.embed_tokens.weight"].shape[0])
    bos, eos, pad = (source.get(f"tokenizer.ggml.{key}_token_id") for key in
                     ("bos", "eos", "padding"))  # fmt: skip
    ends = [eos] if pad in (None, eos) else [eos, pad]
    file, settings = tokenizer(source)
    contents = {
        "config.json": config(source, rows, "lm_head.weight" not in found, int8),
        "generation_config.json": {"bos_token_id": bos, "eos_token_id": ends, "pad_token_id": pad},
        "tokenizer.json": file,
        "tokenizer_config.json": settings,
    }
    for name, content in contents.items():
        (out / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    convert(sys.argv[1], Path(sys.argv[2]), "--int8" in sys.argv[3:])
