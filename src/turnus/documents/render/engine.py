"""The renderer: a template and its data become a PDF/A, the same bytes for the same input.

One typst compiler per process is kept and reused, with all that it has laid out: what two letters share is
set once. So the data comes as the argument of the template's function, in a main file made for it, and not
as an input of typst's library, which would make every layout look new. A process that has compiled must not
be forked (the threads of typst do not survive it and the child would hang), so a forked child is refused with
an error: mass rendering starts its workers by `spawn`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

# One thread a process, read when typst is loaded: mass runs have a process per core already, and two threads
# on one letter save less than they cost.
os.environ.setdefault("RAYON_NUM_THREADS", "1")

import typst

__all__ = [
    "FONT_FAMILY",
    "PDF_STANDARDS",
    "TEMPLATES",
    "RenderError",
    "Renderer",
    "TypstRenderer",
    "renderer",
]

_HERE = Path(__file__).resolve().parent
FONT_FAMILY = "Source Sans Pro"
# PDF/A-3 (archive, may carry an e-invoice) with tags and alternative texts (PDF/UA: readable aloud).
PDF_STANDARDS = ("a-3a", "ua-1")
TEMPLATES = ("bill", "letter")


class RenderError(Exception):
    """A document could not be set. The message names template and cause; nothing was written."""


class Renderer(Protocol):
    """What the services need of a typesetter; a second engine would implement this."""

    def pdf(self, template: str, payload: Mapping[str, Any], *, created_at: datetime) -> bytes:
        """PDF bytes; `created_at` (aware) is written into the file instead of the clock's time."""
        ...


class TypstRenderer:
    """Renders with the fonts and templates of this folder only: every machine gives the same bytes."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._compiler: typst.Compiler | None = None

    def pdf(self, template: str, payload: Mapping[str, Any], *, created_at: datetime) -> bytes:
        """Raises RenderError for a typst error, any warning (an unknown font, say) or a forked process."""
        made: bytes = self._compile(
            template,
            payload,
            format="pdf",
            pdf_standards=list(PDF_STANDARDS),
            timestamp=int(created_at.astimezone(UTC).timestamp()),
        )
        return made

    def pictures(self, template: str, payload: Mapping[str, Any], *, ppi: float = 100.0) -> list[bytes]:
        """The pages as PNG, for previews and for looking at them."""
        pages = self._compile(template, payload, format="png", ppi=ppi)
        return pages if isinstance(pages, list) else [pages]

    def _compile(self, template: str, payload: Mapping[str, Any], **options: Any) -> Any:
        if os.getpid() != self._pid:
            raise RenderError(
                "Der Schriftsatz läuft nicht in einem abgespaltenen Prozess (fork); spawn verwenden"
            )
        try:
            if self._compiler is None:
                self._compiler = _compiler()
            made, warnings = self._compiler.compile_with_warnings(
                input=_main_file(template, payload).encode(), **options
            )
        except RuntimeError as error:  # TypstError, or a template that cannot be read
            raise RenderError(f"Vorlage {template}: {error}") from error
        if warnings:
            raise RenderError(f"Vorlage {template}: {'; '.join(str(w) for w in warnings)}")
        return made


def _main_file(template: str, payload: Mapping[str, Any]) -> str:
    """A call of the template's function with the data as a string literal, which is never read as markup."""
    if template not in TEMPLATES:
        raise RenderError(f"Vorlage {template} gibt es nicht (bekannt: {', '.join(TEMPLATES)})")
    literal = json.dumps(payload, ensure_ascii=False).replace("\\", "\\\\").replace('"', '\\"')
    return f'#import "/{template}.typ": {template}\n#{template}(json(bytes("{literal}")))\n'


def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_HERE / "fonts")]
    )
    if fonts.families() != [FONT_FAMILY]:
        raise RenderError(f"Schrift „{FONT_FAMILY}“ fehlt in {_HERE.name}/fonts")
    return typst.Compiler(
        root=str(_HERE / "templates"),
        font_paths=fonts,
    )


@cache
def renderer() -> TypstRenderer:
    """The renderer of this process."""
    return TypstRenderer()
