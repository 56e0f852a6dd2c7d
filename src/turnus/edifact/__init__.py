"""UN/EDIFACT: bytes ↔ segments, nothing else."""

from turnus.edifact.findings import Finding, NotEdifact, Severity, has_error
from turnus.edifact.model import Interchange, InterchangeHead, InterchangeTail, Message, Segment, segment
from turnus.edifact.reader import read, stream
from turnus.edifact.syntax import DEFAULT_CHARS, ServiceChars
from turnus.edifact.writer import new_interchange, new_message, write, write_message, write_segment

__all__ = [
    "DEFAULT_CHARS",
    "Finding",
    "Interchange",
    "InterchangeHead",
    "InterchangeTail",
    "Message",
    "NotEdifact",
    "Segment",
    "ServiceChars",
    "Severity",
    "has_error",
    "new_interchange",
    "new_message",
    "read",
    "segment",
    "stream",
    "write",
    "write_message",
    "write_segment",
]
