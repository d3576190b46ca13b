"""Speed and memory, against peers: ``python -m benchmarks [name ...] [--json FILE]``."""
