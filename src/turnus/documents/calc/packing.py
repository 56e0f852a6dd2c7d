"""Originals take less room: text is packed with Zstandard, and comes back the same to the last byte.

A load-profile message shrinks to a twentieth and a bank file to a tenth; a PDF is packed already.
"""

from __future__ import annotations

import zstandard

__all__ = ["PLAIN", "ZSTD", "pack", "unpack"]

PLAIN = ""
ZSTD = "zstd"
# Shorter ones share a page of the database with others anyway.
_WORTH_IT = 512
_LEVEL = 1


def pack(content: bytes) -> tuple[str, bytes]:
    """(packing, bytes to store); as it came where packing would not save a tenth."""
    if len(content) < _WORTH_IT:
        return PLAIN, content
    packed = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(content)
    return (ZSTD, packed) if len(packed) < len(content) * 9 // 10 else (PLAIN, content)


def unpack(packing: str, stored: bytes) -> bytes:
    """The bytes as they came.

    Raises:
        ValueError: damaged (the packed form carries a checksum), or of a packing unknown to this release.
    """
    if packing == PLAIN:
        return stored
    if packing != ZSTD:
        raise ValueError(f"Unbekannte Packung „{packing}“.")
    try:
        return zstandard.ZstdDecompressor().decompress(stored)
    except zstandard.ZstdError as error:
        raise ValueError(f"Gepackter Inhalt ist beschädigt ({error}).") from error
