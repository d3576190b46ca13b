"""Files that vLLM's environment runs. They import nothing of ours: it is not installed there."""
