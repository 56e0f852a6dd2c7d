"""Post journals, reverse them, set up the chart of accounts."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from turnus.ledger.charts import CHART
from turnus.ledger.drafts import JournalDraft, LegDraft, Posted
from turnus.ledger.models import Account, AccountRule, Journal, Leg
from turnus.system.bulk import copy_rows, reserve_ids
from turnus.system.models import User


class IdempotencyConflict(ValueError):
    """The key was posted before with a different content; nothing was posted."""


class NoAccount(LookupError):
    """No rule says which account this item is posted to."""


class AccountTable:
    """Account determination of one principal, loaded once per batch."""

    def __init__(self, rules: Iterable[tuple[str, str, Decimal | None, int]]) -> None:
        self._rules = {
            (item, division, None if vat is None else Decimal(vat)): account
            for item, division, vat, account in rules
        }
        self._found: dict[tuple[str, str, Decimal | None], int] = {}

    def of(self, item: str, division: str = "", vat_percent: Decimal | None = None) -> int:
        """The account of an item; the most specific rule wins (division and rate, rate, division, neither).

        Raises: `NoAccount` naming item, division and rate.
        """
        wanted = (item, division, vat_percent)
        if wanted not in self._found:
            for key in (wanted, (item, "", vat_percent), (item, division, None), (item, "", None)):
                if key in self._rules:
                    self._found[wanted] = self._rules[key]
                    break
            else:
                raise NoAccount(
                    f"Kein Konto für „{item}“, Sparte „{division or 'alle'}“, "
                    f"Steuersatz {'ohne' if vat_percent is None else vat_percent} %: "
                    "in der Kontenfindung ergänzen."
                )
        return self._found[wanted]


def account_table(*, client_id: int) -> AccountTable:
    """All rules of a principal."""
    return AccountTable(
        AccountRule.objects.filter(client_id=client_id).values_list(
            "item", "division", "vat_percent", "account_id"
        )
    )


@transaction.atomic
def seed_accounts(*, client_id: int, chart: str = "SKR03") -> None:
    """Set up accounts and rules of a standard chart. Repeatable: what exists stays as it is.

    Raises: `ValueError` for an unknown chart.
    """
    if chart not in ("SKR03", "SKR04"):
        raise ValueError(f"Den Kontenrahmen „{chart}“ gibt es nicht; bekannt sind SKR03 und SKR04.")
    for entry in CHART:
        number = entry.skr03 if chart == "SKR03" else entry.skr04
        account, _ = Account.objects.get_or_create(
            client_id=client_id,
            number=number,
            defaults={"name": entry.name, "kind": entry.kind, "is_control": entry.is_control},
        )
        for item in entry.items:
            for rate in entry.rates or (None,):
                AccountRule.objects.get_or_create(
                    client_id=client_id,
                    item=item,
                    division="",
                    vat_percent=rate,
                    defaults={"account": account},
                )


@transaction.atomic
def post_many(
    *, client_id: int, journals: Sequence[JournalDraft], user: User | None, at: datetime
) -> list[Posted]:
    """Post journals set-wise; the database checks and seals them.

    A key posted before with the same content is returned as it is (`created=False`).
    Returns the results in the order of `journals`.

    Raises:
        IdempotencyConflict: a key was posted before with another content, or comes twice with two contents.
        django.db.IntegrityError: a journal does not balance or its period is locked.
    """
    shas = {draft.key: draft.fingerprint() for draft in journals}
    known = _known(client_id, shas)
    fresh: dict[str, JournalDraft] = {}
    for draft in journals:
        if draft.key in fresh and fresh[draft.key].fingerprint() != shas[draft.key]:
            raise IdempotencyConflict(f"Der Schlüssel {draft.key} kommt mit zwei Inhalten vor.")
        if draft.key not in known:
            fresh.setdefault(draft.key, draft)
    posted = _write(client_id, list(fresh.values()), shas, user, at)
    posted.update(known)
    return [posted[draft.key] for draft in journals]


def _known(client_id: int, shas: dict[str, str]) -> dict[str, Posted]:
    found = Journal.objects.filter(client_id=client_id, idem_key__in=list(shas)).values_list(
        "id", "idem_key", "payload_sha"
    )
    rows = {key: (journal_id, sha) for journal_id, key, sha in found}
    if not rows:
        return {}
    for key, (_, sha) in rows.items():
        if sha != shas[key]:
            raise IdempotencyConflict(
                f"Der Schlüssel {key} ist schon mit anderem Inhalt gebucht; gebucht wurde nichts."
            )
    legs: dict[UUID, list[int]] = {}
    ids = [journal_id for journal_id, _ in rows.values()]
    for leg_id, journal_id in (
        Leg.objects.filter(journal_id__in=ids).order_by("id").values_list("id", "journal_id")
    ):
        legs.setdefault(journal_id, []).append(leg_id)
    return {
        key: Posted(key, journal_id, tuple(legs[journal_id]), created=False)
        for key, (journal_id, _) in rows.items()
    }


_LEG_COLUMNS = (
    "id",
    "client_id",
    "journal_id",
    "account_id",
    "subaccount_id",
    "amount_cents",
    "vat_percent",
    "text",
)
_JOURNAL_COLUMNS = (
    "id",
    "client_id",
    "idem_key",
    "payload_sha",
    "leg_count",
    "posting_date",
    "document_date",
    "month",
    "kind",
    "reference",
    "text",
    "reverses_id",
    "created_at",
    "created_by_id",
)


def _write(
    client_id: int, drafts: list[JournalDraft], shas: dict[str, str], user: User | None, at: datetime
) -> dict[str, Posted]:
    if not drafts:
        return {}
    open_periods(client_id=client_id, months={draft.month for draft in drafts})
    leg_ids = iter(reserve_ids(Leg, sum(len(draft.legs) for draft in drafts)))
    posted: dict[str, Posted] = {}
    legs: list[tuple[object, ...]] = []
    heads: list[tuple[object, ...]] = []
    user_id = user.pk if user else None
    for draft in drafts:
        journal_id = new_id(at)
        ids = tuple(next(leg_ids) for _ in draft.legs)
        posted[draft.key] = Posted(draft.key, journal_id, ids, created=True)
        legs.extend(
            (
                leg_id,
                client_id,
                journal_id,
                leg.account_id,
                leg.subaccount_id,
                leg.cents,
                leg.vat_percent,
                leg.text[:120],
            )
            for leg_id, leg in zip(ids, draft.legs, strict=True)
        )
        heads.append(
            (
                journal_id,
                client_id,
                draft.key,
                shas[draft.key],
                len(draft.legs),
                draft.posting_date,
                draft.document_date,
                draft.month,
                draft.kind,
                draft.reference[:60],
                draft.text[:120],
                draft.reverses,
                at,
                user_id,
            )
        )
    copy_rows(Leg, _LEG_COLUMNS, legs)
    copy_rows(Journal, _JOURNAL_COLUMNS, heads)
    return posted


def new_id(at: datetime) -> UUID:
    """A key that grows with time (UUID version 7), so that the index of a mass posting stays compact."""
    milliseconds = int(at.timestamp() * 1000)
    random = secrets.randbits(74)
    value = (
        (milliseconds << 80)
        | (0x7 << 76)
        | ((random >> 62) << 64)
        | (0b10 << 62)
        | (random & ((1 << 62) - 1))
    )
    return UUID(int=value)


def open_periods(*, client_id: int, months: Iterable[str]) -> None:
    """Make sure that the periods exist; an existing one, locked or not, is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_postingperiod (client_id, month, is_locked) "
            "SELECT %s, m, false FROM unnest(%s::text[]) AS m ON CONFLICT DO NOTHING",
            [client_id, sorted(months)],
        )


@transaction.atomic
def reverse(
    *,
    client_id: int,
    journal_id: UUID,
    key: str,
    posting_date: date,
    user: User | None,
    at: datetime,
    text: str,
) -> Posted:
    """Post the mirror of a journal. Its uniqueness makes a second reversal impossible.

    Raises: `IdempotencyConflict`; `django.db.IntegrityError` when the journal was reversed under another key.
    """
    original = Journal.objects.get(client_id=client_id, id=journal_id)
    legs = tuple(
        LegDraft(leg.account_id, -leg.amount_cents, leg.subaccount_id, leg.vat_percent, leg.text)
        for leg in Leg.objects.filter(journal_id=journal_id).order_by("id")
    )
    draft = JournalDraft(
        key=key,
        kind="reversal",
        posting_date=posting_date,
        document_date=original.document_date,
        legs=legs,
        reference=original.reference,
        text=text,
        reverses=journal_id,
    )
    return post_many(client_id=client_id, journals=[draft], user=user, at=at)[0]
