"""A lookup for the beginning of a text that may use an index under row-level security."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField
from django.db.models.lookups import BuiltinLookup


@CharField.register_lookup
class Begins(BuiltinLookup):
    """`number__begins="K10"`: capitals count.

    Django's `startswith` becomes LIKE, which is not leakproof: under row-level security it is tried on
    every row. `^@` is leakproof and goes over an index with `varchar_pattern_ops`.
    """

    lookup_name = "begins"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return f"^@ {rhs}"
