"""One `Ntry` of a camt message: amounts with their sign, the transactions of a batch, return data."""

from decimal import Decimal

from lxml import etree

from turnus.receivables.files.camt_paths import Fields, all_of, decimal_of, fill, iso_day
from turnus.receivables.files.keys import KeyMaker
from turnus.receivables.files.records import BOOKED, RETURN_FAMILIES, RETURN_GVC, Entry, Finding, Transaction
from turnus.receivables.files.source import refuse
from turnus.receivables.files.totals import Tally

_BATCH_REMEDY = "Die Bank um eine richtige Auflösung des Sammlers bitten."


class EntryReader:
    """Reads the entries of one statement; `read` raises `FileRefused` for an entry without an amount."""

    def __init__(
        self, spec: Fields, account: str, place: str, tally: Tally, name: str, keys: KeyMaker
    ) -> None:
        self._spec = spec
        self._account = account
        self._place = place
        self._tally = tally
        self._name = name
        self._keys = keys
        self._count = 0

    def read(self, element: etree._Element) -> Entry:
        self._count += 1
        place = f"{self._place}, Umsatz {self._count}"
        out: dict[str, str] = {}
        fill(element, self._spec["Entry"], out)
        amount = decimal_of(out.get("amount", ""))
        sign = out.get("sign", "")
        if amount is None or amount < 0 or sign not in ("CRDT", "DBIT"):
            raise refuse(
                self._name,
                "entry_without_amount",
                place,
                "Der Umsatz hat keinen lesbaren Betrag oder kein Soll-/Haben-Kennzeichen.",
                "Die Datei bei der Bank neu abrufen.",
            )
        signed = -amount if sign == "DBIT" else amount
        transactions = self._transactions(element, signed, out, place)
        booking, value = iso_day(out.get("booking" + "day", "")), iso_day(out.get("value" + "day", ""))
        servicer = _given(out.get("servicer_reference", ""))
        first = transactions[0]
        return Entry(
            position=self._count,
            amount=signed,
            currency=out.get("currency", ""),
            status=out.get("status", BOOKED),
            reversal=out.get("reversal") in ("true", "1"),
            booking_date=booking,
            value_date=value,
            reference=out.get("reference", ""),
            servicer_reference=servicer,
            bank_code=bank_code(out),
            gvc=_gvc(out.get("proprietary", ""))[0],
            additional=out.get("additional", ""),
            transactions=transactions,
            key=self._keys.full(
                self._account,
                booking,
                value,
                signed,
                servicer,
                out.get("reference", ""),
                _digest_text(transactions),
            ),
            cross_key=self._keys.cross(
                self._account, booking, signed, servicer or _given(first.end_to_end_id)
            ),
            place=place,
        )

    def _transactions(
        self, element: etree._Element, signed: Decimal, entry: dict[str, str], place: str
    ) -> tuple[Transaction, ...]:
        details = all_of(element, self._spec["ns"], "NtryDtls", "TxDtls")
        batch = all_of(element, self._spec["ns"], "NtryDtls", "Btch", "PmtInfId")
        batch_id = (batch[0].text or "").strip() if batch else ""
        if not details:
            return (_plain(entry, signed, batch_id),)
        raw: list[dict[str, str]] = []
        for detail in details:
            out: dict[str, str] = {}
            fill(detail, self._spec["Transaction"], out)
            included = _charges(detail, self._spec["ns"])
            if included is not None:
                out["charges"] = str(included)
            raw.append(out)
        amounts = self._amounts(raw, signed, place)
        return tuple(
            self._transaction(position, out, amount, entry, batch_id)
            for position, (out, amount) in enumerate(zip(raw, amounts, strict=True), start=1)
        )

    def _amounts(self, raw: list[dict[str, str]], signed: Decimal, place: str) -> list[Decimal]:
        """What each transaction moved. Which element says so differs by version and bank.

        Tried in this order until the sum is the entry: the transaction's own amount, the amount at
        transaction level, the instructed amount plus charges.
        """
        if len(raw) == 1:
            return [signed]
        for candidate in (_own_amount, _transacted, _instructed):
            amounts = [candidate(out, signed) for out in raw]
            known = [amount for amount in amounts if amount is not None]
            if len(known) == len(raw) and sum(known) == signed:
                return known
        self._tally.findings.append(
            Finding(
                "batch_mismatch",
                place,
                f"Die {len(raw)} Einzelbeträge des Sammlers ergeben nicht den Betrag {signed}.",
                _BATCH_REMEDY,
            )
        )
        return [
            _own_amount(out, signed) or _transacted(out, signed) or _instructed(out, signed) or Decimal(0)
            for out in raw
        ]

    def _transaction(
        self, position: int, out: dict[str, str], amount: Decimal, entry: dict[str, str], batch_id: str
    ) -> Transaction:
        gvc, text_key = _gvc(out.get("proprietary") or entry.get("proprietary", ""))
        code = bank_code(out) or bank_code(entry)
        returned = bool(
            out.get("return_reason")
            or out.get("original_proprietary")
            or gvc in RETURN_GVC
            or code.rsplit("/", 1)[-1] in RETURN_FAMILIES
        )
        original, charges = _split(out, amount) if returned else (None, None)
        name, iban, bic = self._counterparty(out, amount, returned)
        return Transaction(
            position=position,
            amount=amount,
            currency=out.get("currency") or entry.get("currency", ""),
            end_to_end_id=_given(out.get("end_to_end_id", "")),
            mandate_id=_given(out.get("mandate_id", "")),
            creditor_id=out.get("creditor_id", ""),
            servicer_reference=_given(out.get("servicer_reference", "")),
            instruction_id=_given(out.get("instruction_id", "")),
            batch_id=_given(out.get("batch_id", "")) or batch_id,
            return_reason=out.get("return_reason") or out.get("return_proprietary", ""),
            return_text=out.get("return_text", ""),
            original_amount=original,
            charges=charges,
            original_bank_code=out.get("original_proprietary") or bank_code(out, "original_"),
            bank_code=code,
            gvc=gvc,
            text_key=text_key,
            name=name,
            iban=iban,
            bic=bic,
            remittance=out.get("remittance") or out.get("document", ""),
            reference=out.get("reference", ""),
            additional=out.get("additional") or entry.get("additional", ""),
        )

    def _counterparty(self, out: dict[str, str], amount: Decimal, returned: bool) -> tuple[str, str, str]:
        """The other side. A return keeps the parties of the original, so its roles are swapped."""
        sides = ("creditor", "debtor") if (amount < 0) != returned else ("debtor", "creditor")
        own = self._account
        side = sides[0]
        if own and out.get(f"{side}_iban") == own:
            side = sides[1]
        name = out.get(f"{side}_name") or out.get(f"ultimate_{side}_name", "")
        return name, out.get(f"{side}_iban", "").replace(" ", ""), out.get(f"{side}_bic", "")


def _plain(entry: dict[str, str], signed: Decimal, batch_id: str) -> Transaction:
    """An entry without details is its own single transaction; the bank's text stands for the purpose."""
    gvc, text_key = _gvc(entry.get("proprietary", ""))
    return Transaction(
        position=1,
        amount=signed,
        currency=entry.get("currency", ""),
        servicer_reference=_given(entry.get("servicer_reference", "")),
        batch_id=batch_id,
        bank_code=bank_code(entry),
        gvc=gvc,
        text_key=text_key,
        remittance=entry.get("additional", ""),
        additional=entry.get("additional", ""),
    )


def _own_amount(out: dict[str, str], entry: Decimal) -> Decimal | None:
    return _signed(decimal_of(out.get("amount", "")), out, entry)


def _transacted(out: dict[str, str], entry: Decimal) -> Decimal | None:
    return _signed(decimal_of(out.get("transacted", "")), out, entry)


def _instructed(out: dict[str, str], entry: Decimal) -> Decimal | None:
    amount = decimal_of(out.get("instructed", ""))
    if amount is None:
        return None
    return _signed(amount + (decimal_of(out.get("charges", "")) or Decimal(0)), out, entry)


def _signed(amount: Decimal | None, out: dict[str, str], entry: Decimal) -> Decimal | None:
    """The transaction's own sign wins; without one it shares the sign of its entry."""
    if amount is None:
        return None
    sign = out.get("sign") or ("DBIT" if entry < 0 else "CRDT")
    return -amount if sign == "DBIT" else amount


def _split(out: dict[str, str], amount: Decimal) -> tuple[Decimal, Decimal]:
    """Original amount and included charges of a return, both unsigned; together they are the amount."""
    total = abs(amount)
    original = decimal_of(out.get("instructed", ""))
    if original is not None and original <= total:
        return original, total - original
    charges = decimal_of(out.get("charges", "")) or Decimal(0)
    return (total - charges, charges) if charges < total else (total, Decimal(0))


def _charges(detail: etree._Element, ns: str) -> Decimal | None:
    """Sum of the charges contained in the amount; those debited separately (`ChrgInclInd` false) not."""
    total: Decimal | None = None
    for charges in all_of(detail, ns, "Chrgs"):
        records = charges.findall(f"{ns}Rcrd") or [charges]
        for record in records:
            if (record.findtext(f"{ns}ChrgInclInd") or "true").strip() in ("false", "0"):
                continue
            amount = decimal_of((record.findtext(f"{ns}Amt") or "").strip())
            if amount is not None:
                sign = -1 if (record.findtext(f"{ns}CdtDbtInd") or "").strip() == "CRDT" else 1
                total = (total or Decimal(0)) + sign * amount
        if total is None and not charges.findall(f"{ns}Rcrd"):
            total = decimal_of((charges.findtext(f"{ns}TtlChrgsAndTaxAmt") or "").strip())
    return total


def bank_code(out: dict[str, str], prefix: str = "") -> str:
    """The ISO bank transaction code as `PMNT/RDDT/UPDD`, empty when the bank gives none."""
    parts = [out.get(f"{prefix}{key}", "") for key in ("domain", "family", "sub_family")]
    return "/".join(parts) if any(parts) else ""


def _gvc(proprietary: str) -> tuple[str, str]:
    """GVC and Textschlüsselergänzung of `NRTI+109++901` (SWIFT type, GVC, Primanota, TSE)."""
    parts = proprietary.split("+")
    gvc = parts[1] if len(parts) > 1 and parts[1].isdigit() else ""
    return gvc, parts[3] if len(parts) > 3 else ""


def _given(reference: str) -> str:
    """Banks write NOTPROVIDED or NONREF where they have no reference."""
    return "" if reference.upper() in ("NOTPROVIDED", "NONREF", "NOTAVAILABLE") else reference


def _digest_text(transactions: tuple[Transaction, ...]) -> str:
    return "\x1e".join(
        f"{t.amount}|{t.end_to_end_id}|{t.mandate_id}|{t.servicer_reference}|{t.iban}|{t.remittance}"
        for t in transactions
    )
