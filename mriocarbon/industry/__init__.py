"""Processes of heavy industry as mass and energy balances: what a tonne of a good emits."""
