"""Questions answered by a served language model that calls the tools and never computes."""
