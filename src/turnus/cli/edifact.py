"""`turnus edifact`: show and check EDIFACT files. Needs neither Django nor a database."""

from __future__ import annotations

import json
import mmap
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from turnus.catalogue import check_message, describe, message_day, pid_title
from turnus.edifact import Finding, Interchange, Message, NotEdifact, read
from turnus.edifact.tokens import Buffer

app = typer.Typer(no_args_is_help=True, help="EDIFACT-Dateien zeigen und prüfen (ohne Datenbank).")

NOT_EDIFACT = 2


@contextmanager
def _opened(path: Path) -> Iterator[Buffer]:
    """The bytes of a file as a memory map (an empty file cannot be mapped)."""
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                yield b""
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                yield mapped
    except OSError as error:
        _refuse(f"{path}: Die Datei lässt sich nicht lesen ({error.strerror}).")


def _refuse(text: str) -> None:
    typer.echo(text, err=True)
    raise typer.Exit(NOT_EDIFACT)


def _read(path: Path) -> tuple[Interchange, ...]:
    with _opened(path) as data:
        try:
            return read(data)
        except NotEdifact as error:
            _refuse(f"{path}: {error}")
    return ()


@app.command()
def show(
    file: Path,
    json_output: bool = typer.Option(False, "--json", help="Segmente als JSON."),
) -> None:
    """Eine Datei Segment für Segment in verständlichem Deutsch zeigen."""
    interchanges = _read(file)
    if json_output:
        sys.stdout.write(json.dumps(show_json(interchanges), ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False)
    for interchange in interchanges:
        head = interchange.head
        console.print(
            f"[bold]Übertragungsdatei {escape(head.reference)}[/] von {escape(head.sender)} an "
            f"{escape(head.receiver)} ({escape(head.charset)})"
        )
        for message in interchange.messages:
            _show_message(console, message)
        for finding in interchange.tail.findings:
            _show_finding(console, finding)


def show_json(interchanges: tuple[Interchange, ...]) -> dict[str, Any]:
    """The JSON form of `show`; a segment is a list: tag, then elements."""
    return {
        "interchanges": [
            {
                "sender": interchange.head.sender,
                "receiver": interchange.head.receiver,
                "reference": interchange.head.reference,
                "charset": interchange.head.charset,
                "messages": [
                    {
                        "type": message.type,
                        "version": message.version,
                        "reference": message.reference,
                        "pid": message.pid,
                        "segments": [segment.as_json() for segment in message.segments],
                    }
                    for message in interchange.messages
                ],
            }
            for interchange in interchanges
        ]
    }


def _show_message(console: Console, message: Message) -> None:
    pid = message.pid or ""
    console.print(
        f"\n[bold]{escape(message.type)} {escape(message.version)}[/] {escape(pid)} "
        f"{escape(pid_title(message.type, pid))}"
    )
    faults: dict[int, list[Finding]] = {}
    for finding in message.findings:
        faults.setdefault(finding.segment, []).append(finding)
    for number, segment in enumerate(message.segments, 1):
        words = describe(segment)
        indent = "  " * words.level
        line = f"{words.title}: {words.text}" if words.text else words.title
        console.print(f"{number:>5} {segment.tag:<4}{indent}{escape(line)}")
        for finding in faults.pop(number, ()):
            _show_finding(console, finding)
    for rest in faults.values():
        for finding in rest:
            _show_finding(console, finding)


_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}
_WORDS = {"error": "Fehler", "warning": "Warnung", "info": "Hinweis"}


def _show_finding(console: Console, finding: Finding) -> None:
    console.print(
        f"      [{_STYLES[finding.severity]}]{_WORDS[finding.severity]}[/] {finding.code} "
        f"(Segment {finding.segment}, Byte {finding.offset}): {escape(finding.text)}"
    )


@app.command()
def check(
    file: Path,
    json_output: bool = typer.Option(False, "--json", help="Befunde als JSON."),
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Tag, dessen Formate gelten; sonst das Datum der Nachricht."),
    ] = None,
) -> None:
    """Eine Datei gegen die Marktformate prüfen: 0 in Ordnung, 1 Befunde, 2 keine EDIFACT-Datei."""
    result = check_json(_read(file), on.date() if on else None)
    if json_output:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        _print_check(result)
    if not result["ok"]:
        raise typer.Exit(1)


_NO_MESSAGE = Finding(
    "no_message",
    "error",
    1,
    0,
    "Die Übertragungsdatei enthält keine Nachricht: zwischen UNB und UNZ steht kein UNH.",
)


def check_json(interchanges: tuple[Interchange, ...], on: date | None) -> dict[str, Any]:
    """The JSON form of `check`; faults of the envelope stand with the last message of their interchange."""
    messages = [entry for interchange in interchanges for entry in _checked_interchange(interchange, on)]
    return {"messages": messages, "ok": bool(messages) and all(message["ok"] for message in messages)}


def _checked_interchange(interchange: Interchange, on: date | None) -> list[dict[str, Any]]:
    result = []
    for message in interchange.messages:
        day = on or message_day(interchange.head, message.segments)
        findings = list(message.findings)
        if day is None:
            text = "Weder Nachricht noch Datei nennen ein lesbares Datum; die gültige Version ist unbekannt."
            findings.append(Finding("date_unknown", "error", 1, message.offset(1), text))
        else:
            findings += check_message(message, day)
        result.append(_entry(message, findings))
    if not result:
        empty = [] if interchange.tail.findings else [_NO_MESSAGE]
        result.append(_entry(None, empty))
    if result and interchange.tail.findings:
        last = result[-1]
        last["findings"] += [_finding(finding) for finding in interchange.tail.findings]
        last["ok"] = all(finding["severity"] != "error" for finding in last["findings"])
    return result


def _entry(message: Message | None, findings: list[Finding]) -> dict[str, Any]:
    return {
        "reference": message.reference if message else None,
        "type": message.type if message else None,
        "version": message.version if message else None,
        "pid": message.pid if message else None,
        "ok": all(finding.severity != "error" for finding in findings),
        "findings": [_finding(finding) for finding in findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "segment": finding.segment,
        "offset": finding.offset,
        "text": finding.text,
    }


def _print_check(result: dict[str, Any]) -> None:
    console = Console(highlight=False)
    for message in result["messages"]:
        state = "[green]in Ordnung[/]" if message["ok"] else "[red]fehlerhaft[/]"
        name = f"{message['type'] or 'Umschlag'} {message['pid'] or ''} {message['reference'] or ''}"
        console.print(f"{escape(name)}: {state}")
        for finding in message["findings"]:
            _show_finding(console, Finding(**finding))


if __name__ == "__main__":
    app()
