"""A language model of one's own: vLLM's environment, models to try it with, the server.

vLLM pins versions that others cannot bear, so it gets an environment of its own (`install`).
`models` makes two small models, `serve` starts the server, `probe` asks an endpoint whether it
can call tools. Nothing here is needed where an endpoint is there already.
"""
