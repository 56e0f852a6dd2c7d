"""Keys by which a booking is known again when the bank delivers it twice."""

import hashlib


class KeyMaker:
    """Stable keys of the entries of one file; equal entries of an account are counted apart.

    Two bookings that agree in everything the bank tells are two bookings: the second gets `#2`. Delivered
    again, they get the same keys in the same order.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def full(self, account: str, *parts: object) -> str:
        return self._counted("\x1f".join((account, *(str(part) for part in parts))))

    def cross(self, account: str, *parts: object) -> str:
        return self._counted("x\x1f" + "\x1f".join((account, *(str(part) for part in parts))))

    def _counted(self, text: str) -> str:
        digest = hashlib.sha256(text.encode()).hexdigest()[:40]
        count = self._seen.get(digest, 0) + 1
        self._seen[digest] = count
        return digest if count == 1 else f"{digest}#{count}"
