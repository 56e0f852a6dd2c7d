"""What can be proven about a PDF without a validator: PDF/A by structure, and the text of its pages.

The full check of ISO 19005 needs a validator that no registry carries; these are the rules that break most.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

__all__ = ["page_texts", "pdf_a_findings"]


def pdf_a_findings(content: bytes) -> list[str]:
    """Reasons why the file is no PDF/A-3 with tags; empty when none was found. Never raises for bad bytes."""
    try:
        pdf = pikepdf.open(io.BytesIO(content))
    except pikepdf.PdfError as error:
        return [f"keine lesbare PDF-Datei: {error}"]
    with pdf:
        return [*_file(pdf), *_output_intent(pdf), *_metadata(pdf), *_tags(pdf), *_fonts(pdf)]


def _file(pdf: pikepdf.Pdf) -> Iterator[str]:
    if pdf.is_encrypted:
        yield "verschlüsselt"
    if "/ID" not in pdf.trailer:
        yield "Dateikennung (ID) fehlt"
    names: Any = pdf.Root.get("/Names", {})
    if "/JavaScript" in names or "/OpenAction" in pdf.Root:
        yield "enthält Aktionen oder JavaScript"


def _output_intent(pdf: pikepdf.Pdf) -> Iterator[str]:
    intents = [i for i in pdf.Root.get("/OutputIntents", []) if str(i.get("/S", "")) == "/GTS_PDFA1"]
    if not intents:
        yield "Ausgabebedingung (OutputIntent GTS_PDFA1) fehlt"
    elif "/DestOutputProfile" not in intents[0]:
        yield "Farbprofil der Ausgabebedingung fehlt"


def _metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in pdf.Root:
        yield "XMP-Metadaten fehlen"
        return
    with pdf.open_metadata(set_pikepdf_as_editor=False) as meta:
        if meta.get("pdfaid:part") != "3":
            yield f"XMP nennt PDF/A-Teil {meta.get('pdfaid:part')!r} statt 3"
        if meta.get("pdfaid:conformance") not in ("A", "B", "U"):
            yield "XMP nennt keine Konformitätsstufe"
        if not meta.get("dc:title"):
            yield "Titel fehlt"


def _tags(pdf: pikepdf.Pdf) -> Iterator[str]:
    marked: Any = pdf.Root.get("/MarkInfo", {})
    if not marked or not marked.get("/Marked", False) or "/StructTreeRoot" not in pdf.Root:
        yield "Strukturbaum (Tags) fehlt"
    if "/Lang" not in pdf.Root:
        yield "Sprache fehlt"


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, start=1):
        for name, font in _page_fonts(page).items():
            inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            descriptor = inner.get("/FontDescriptor", {})
            if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                yield f"Seite {number}: Schrift {font.get('/BaseFont', name)} ist nicht eingebettet"


def _page_fonts(page: pikepdf.Page) -> dict[str, Any]:
    resources: Any = page.obj.get("/Resources", {})
    return dict(resources.get("/Font", {}).items()) if "/Font" in resources else {}


def page_texts(content: bytes) -> list[str]:
    """The text of every page in the order it was set, through the fonts' own ToUnicode tables.

    Made for our own files (two-byte codes); spaces that are only gaps become one blank.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [_page_text(page) for page in pdf.pages]


def _page_text(page: pikepdf.Page) -> str:
    tables = {name: _unicode_table(font) for name, font in _page_fonts(page).items()}
    table: dict[int, str] = {}
    parts: list[str] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        match str(instruction.operator):
            case "Tf":
                table = tables.get(str(operands[0]), {})
            case "Tj":
                parts.append(_decode(bytes(operands[0]), table))
            case "TJ":
                texts = [item for item in operands[0] if isinstance(item, pikepdf.String)]
                parts.append("".join(_decode(bytes(text), table) for text in texts))
            case "ET":
                parts.append(" ")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _decode(codes: bytes, table: dict[int, str]) -> str:
    pairs = (int.from_bytes(codes[i : i + 2], "big") for i in range(0, len(codes), 2))
    return "".join(table.get(code, "") for code in pairs)


_CHAR = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>\s*$")
_RANGE = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>\s*$")


def _unicode_table(font: Any) -> dict[int, str]:
    if "/ToUnicode" not in font:
        return {}
    table: dict[int, str] = {}
    for line in bytes(font.ToUnicode.read_bytes()).splitlines():
        line = line.strip()
        if found := _RANGE.match(line):
            low, high, start = (int(part, 16) for part in found.groups())
            table.update({code: chr(start + code - low) for code in range(low, high + 1)})
        elif found := _CHAR.match(line):
            table[int(found[1], 16)] = bytes.fromhex(found[2].decode()).decode("utf-16-be")
    return table
