"""Schemas that judge payment files: ISO's from a test package, the German banks' beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree


def payment_schema(kind: str, form: str) -> etree.XMLSchema:
    """`kind` is "iso" or "gbic", `form` for example "pain.008.001.08". Skips where the schema is absent."""
    if kind == "iso":
        sepaxml = pytest.importorskip("sepaxml", reason="the ISO schema comes with the test package sepaxml")
        path = Path(sepaxml.__file__).parent / "schemas" / f"{form}.xsd"
    else:
        shared = Path(os.environ.get("TURNUS_SHARED", Path(__file__).parents[1].parent / "shared"))
        path = shared / "finance" / "schemas" / f"{form}_GBIC_5.xsd"
        if not path.exists():
            pytest.skip("the German banks' schema is not at hand (TURNUS_SHARED)")
    return etree.XMLSchema(etree.parse(str(path)))
