"""Letters in words and figures: each record becomes blocks, blocks become the payload of `letter.typ`."""

from __future__ import annotations

from typing import Any

from turnus.documents.calc.letters import (
    Block,
    Bullets,
    ExplanationLetter,
    Facts,
    GeneralLetter,
    Heading,
    Highlight,
    Paragraph,
    PreNotification,
    ReminderLetter,
    Table,
)
from turnus.documents.render.frame import frame_payload
from turnus.documents.render.qrcode import epc_payload, qr_svg
from turnus.documents.render.wording import day, eur, grouped_iban, masked_iban

__all__ = ["Letter", "letter_blocks", "letter_payload"]

Letter = GeneralLetter | ReminderLetter | PreNotification | ExplanationLetter


def letter_payload(letter: Letter) -> dict[str, Any]:
    """Everything `templates/letter.typ` prints, as strings."""
    frame = letter.frame
    info = [("Datum", day(frame.letter_date)), ("Kundennummer", frame.customer_number), *frame.references]
    running = f"{frame.subject} · Kundennummer {frame.customer_number}"
    return {
        **frame_payload(frame.letterhead, frame.recipient, title=frame.subject, running=running, info=info),
        "subject": frame.subject,
        "salutation": frame.recipient.salutation,
        "blocks": [_block(block) for block in letter_blocks(letter)],
    }


def letter_blocks(letter: Letter) -> tuple[Block, ...]:
    """The text of a letter, block by block."""
    match letter:
        case GeneralLetter():
            return letter.blocks
        case ReminderLetter():
            return _reminder(letter)
        case PreNotification():
            return _pre_notification(letter)
        case ExplanationLetter():
            return _explanation(letter)


def _reminder(letter: ReminderLetter) -> tuple[Block, ...]:
    head = letter.frame.letterhead
    first = letter.level <= 1
    opening = (
        "vielleicht ist es Ihnen im Alltag entgangen: Zu Ihrem Kundenkonto ist noch etwas offen. Haben Sie "
        "in den letzten Tagen bezahlt, betrachten Sie dieses Schreiben bitte als erledigt."
        if first
        else "auf unsere Erinnerung haben wir noch keinen Zahlungseingang festgestellt. Bitte begleichen Sie "
        "den offenen Betrag jetzt."
    )
    rows = [(i.label, day(i.due_date), eur(i.original), eur(i.open_amount)) for i in letter.items]
    if letter.fee:
        rows.append(("Mahnkosten (Druck und Porto)", "", "", eur(letter.fee)))
    if letter.interest:
        rows.append(("Verzugszinsen", "", "", eur(letter.interest)))
    pay = f"{grouped_iban(head.iban)} ({head.bank_name}), Verwendungszweck {letter.payment_reference}"
    note = f"Bitte überweisen Sie den Betrag bis zum {day(letter.pay_until)} auf {pay}."
    transfer = epc_payload(
        name=head.name, iban=head.iban, amount=letter.total, reference=letter.payment_reference
    )
    if letter.by_direct_debit_again:
        transfer = ""
        note = f"Wir ziehen den Betrag am {day(letter.pay_until)} noch einmal von Ihrem Konto ein."
    return (
        Paragraph(opening),
        Highlight("Offener Betrag", eur(letter.total), note, transfer),
        Table(
            ("Forderung", "fällig am", "Betrag", "noch offen"),
            tuple(rows),
            frozenset({1, 2, 3}),
            ("Summe", "", "", eur(letter.total)),
        ),
        Paragraph(
            "Können Sie gerade nicht alles auf einmal zahlen? Rufen Sie uns an, bevor weitere Kosten "
            "entstehen. Wir finden gemeinsam eine Lösung, zum Beispiel eine Ratenzahlung: "
            f"{head.hotline}, {head.email}."
        ),
        Paragraph(
            "Sind Sie mit der Forderung nicht einverstanden, sagen Sie uns bitte den Grund. Wir klären ihn, "
            "bevor wir weitere Schritte unternehmen."
        ),
    )


def _pre_notification(letter: PreNotification) -> tuple[Block, ...]:
    head = letter.frame.letterhead
    rows = tuple((c.purpose, day(c.collect_on), eur(c.amount)) for c in letter.collections)
    holder = letter.account_holder or letter.frame.recipient.name_lines[0]
    several = len(rows) > 1
    return (
        Paragraph(
            f"wir ziehen {'die folgenden Beträge' if several else 'den folgenden Betrag'} per "
            "SEPA-Lastschrift von Ihrem Konto ein. Fällt ein Termin auf einen Tag ohne Bankverkehr, buchen "
            "wir am nächsten Bankarbeitstag."
        ),
        Table(("Zweck", "Einzug am", "Betrag"), rows, frozenset({1, 2})),
        Facts(
            (
                ("Kontoinhaber", holder),
                ("IBAN", masked_iban(letter.iban)),
                ("Mandatsreferenz", letter.mandate_reference),
                ("Gläubiger-Identifikationsnummer", head.creditor_id),
            )
        ),
        Paragraph("Bitte sorgen Sie dafür, dass Ihr Konto zu diesen Tagen gedeckt ist."),
    )


def _explanation(letter: ExplanationLetter) -> tuple[Block, ...]:
    less = letter.difference < 0
    rows = tuple((c.label, c.old, c.new, c.difference) for c in letter.changes)
    total = ("Rechnungsbetrag", eur(letter.old_gross), eur(letter.new_gross), eur(letter.difference))
    blocks: list[Block] = [
        Paragraph(
            "wir haben Ihre Abrechnung berichtigt. Hier lesen Sie, was falsch war und was sich ändert."
        ),
        Heading("Was war der Grund?"),
        Paragraph(letter.cause),
        *(Paragraph(text) for text in letter.details),
        Heading("Was hat sich geändert?"),
        Table(("", "bisher", "jetzt", "Unterschied"), rows, frozenset({1, 2, 3}), total),
        Highlight(
            "Zu Ihren Gunsten" if less else "Zu Ihren Lasten", eur(abs(letter.difference)), letter.outcome
        ),
        Facts(
            (
                ("Bisherige Rechnung", letter.old_bill),
                ("Stornorechnung dazu", letter.cancellation),
                ("Neue Rechnung", letter.new_bill),
            )
        ),
    ]
    if letter.consumer:
        blocks.append(Paragraph(letter.consumer.dispute_rights))
        if letter.consumer.arbitration:
            office = letter.consumer.arbitration
            blocks.append(Paragraph(f"{office.name}, {', '.join(office.lines)}"))
    return tuple(blocks)


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", "text": block.text}
        case Heading():
            return {"kind": "heading", "text": block.text}
        case Bullets():
            return {"kind": "bullets", "items": list(block.items)}
        case Highlight():
            code = qr_svg(block.transfer) if block.transfer else ""
            words = {"label": block.label, "value": block.value, "note": block.note}
            return {"kind": "highlight", "code": code, **words}
        case Facts():
            return {"kind": "facts", "rows": [list(row) for row in block.rows]}
        case Table():
            return {
                "kind": "table",
                "header": list(block.header),
                "rows": [list(row) for row in block.rows],
                "numeric": sorted(block.numeric),
                "total": list(block.total),
            }
