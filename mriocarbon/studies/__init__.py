"""Whole questions, end to end. Results are data; `report` makes pages of them."""
