"""Questions in words: a served language model that calls our functions, and never computes."""
