"""Emissions that exported low-carbon technology causes in its making and avoids where it runs."""

from __future__ import annotations
