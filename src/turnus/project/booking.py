"""Which pages and which daily work belong to which service (Baustein).

A page or a job is there while one of its services is booked by a principal of the user; what stands under
ALWAYS is there for everybody. A test proves that every page and every daily job is named here.
"""

from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service brings. A page is named as in `reverse`, a job as in `turnus daily` and its kin."""

    pages: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()


_ITEMS = ("receivables:items", "receivables:openitem")
_STATEMENTS = ("receivables:upload", "receivables:statements")
_SUSPENSE = (
    "receivables:suspense",
    "receivables:statemententry",
    "receivables:assign",
    "receivables:undo",
    "receivables:note",
)
_PAYOUTS = (
    "receivables:payouts",
    "receivables:payout",
    "receivables:payout_cancel",
    "receivables:payout_files",
    "receivables:payout_file_new",
    "receivables:payoutfile",
)
_LEDGER = (
    "ledger:periods",
    "ledger:postingperiod",
    "ledger:period_lock",
    "ledger:period_unlock",
    "ledger:vat",
    "ledger:vat_journals",
    "ledger:journal",
)
_READINGS = (
    "metering:readings",
    "metering:meterreading",
    "metering:location",
    "metering:requests",
    "metering:valuerequest",
)
_MESSAGES = (
    "market:messages",
    "market:upload",
    "market:outgoing",
    "market:silent",
    "market:message",
    "market:reprocess",
)
_CONTACTS = ("care:record", "care:contactnote", "care:move")

OFFERS: dict[str, Offer] = {
    "M01": Offer(
        (*_READINGS, *_MESSAGES),
        jobs=("request_gaps", "send_requests", "follow_up_requests", "send_messages"),
    ),
    "M02": Offer((*_READINGS, "metering:enter", *_CONTACTS)),
    "M03": Offer(
        (
            "masterdata:customer_new",
            "masterdata:customer_edit",
            "masterdata:bank_account_new",
            "masterdata:mandate",
            "masterdata:location_new",
            "masterdata:location_edit",
            "masterdata:meter_new",
            "masterdata:register_edit",
            "masterdata:imports",
            "masterdata:import",
            "masterdata:import_template",
            "contracts:contract_new",
            "contracts:activate",
            "contracts:end_supply",
        )
    ),
    "M04": Offer(
        (
            "contracts:change_product",
            "contracts:price_new",
            "products:product_new",
            "products:product_edit",
        )
    ),
    "M05": Offer(
        (
            "billing:bills",
            "billing:bill",
            "billing:left_out",
            "billing:overdue",
            "billing:start",
            "billing:instalments",
            "billing:exceptions",
            "billing:exception",
            "billing:incomplete",
            "billing:decide",
        ),
        jobs=("run_billing", "release_completed", "request_instalments"),
    ),
    "M06": Offer(("billing:bills", "billing:bill", "billing:start")),
    "M07": Offer(("billing:exceptions", "billing:exception", "billing:incomplete", "billing:decide")),
    "M08": Offer((*_READINGS, "metering:enter", "billing:exceptions", "billing:exception")),
    "M09": Offer(("billing:correct",), jobs=("check_rebills",)),
    "M13": Offer((*_ITEMS, *_STATEMENTS, *_PAYOUTS), jobs=("import_statements",)),
    "M14": Offer(
        (
            "receivables:debit_runs",
            "receivables:debit_plan",
            "receivables:debit_run",
            "receivables:debit_release",
            "receivables:debit_cancel",
            "receivables:debit_file",
        ),
        jobs=("announce_debits",),
    ),
    "M15": Offer((*_ITEMS, *_STATEMENTS), jobs=("import_statements",)),
    "M16": Offer((*_ITEMS, *_STATEMENTS), jobs=("import_statements",)),
    "M17": Offer(
        (*_SUSPENSE, "receivables:send_back", *_STATEMENTS, *_PAYOUTS),
        jobs=("import_statements", "escalate_suspense"),
    ),
    "M18": Offer(
        (*_ITEMS, "receivables:block", "receivables:disconnections", "receivables:disconnectioncheck"),
        jobs=("check_disconnections",),
    ),
    "M20": Offer(
        (
            *_ITEMS,
            "receivables:block",
            "receivables:dunning_runs",
            "receivables:dunning_propose",
            "receivables:dunning_run",
            "receivables:dunning_release",
            "receivables:dunning_cancel",
            "receivables:dunning_remove",
        )
    ),
    "M23": Offer((*_ITEMS, "receivables:block")),
    "M26": Offer((*_ITEMS, *_LEDGER)),
    "M33": Offer(_CONTACTS),
    "M34": Offer(_CONTACTS),
    "M35": Offer(_CONTACTS),
    "M37": Offer(_CONTACTS),
    "M38": Offer(_CONTACTS),
    "M44": Offer(_MESSAGES, jobs=("take_in_messages", "send_messages", "escalate_silence")),
    "M45": Offer(
        (*_MESSAGES, *_READINGS, "metering:enter"),
        jobs=("take_in_messages", "request_gaps", "follow_up_requests"),
    ),
}

# Finding one's way, the files of customers and contracts, what needs a person, who decides what.
ALWAYS: frozenset[str] = frozenset(
    {
        "start",
        "search",
        "care:customer",
        "masterdata:overview",
        "masterdata:customers",
        "masterdata:locations",
        "masterdata:marketlocation",
        "masterdata:register",
        "masterdata:bankaccount",
        "contracts:contracts",
        "contracts:contract",
        "products:products",
        "products:product",
        "partners:partners",
        "partners:marketpartner",
        "documents:documents",
        "documents:document",
        "documents:pdf",
        "documents:dispatch",
        "worklist:cases",
        "worklist:case",
        "worklist:case_note",
        "worklist:case_assign",
        "worklist:case_close",
        "worklist:case_action",
        "worklist:approvals",
        "worklist:approval",
        "worklist:approval_decide",
        "worklist:audit",
        "clients:login",
        "clients:logout",
        "clients:runs",
        "clients:run",
        "clients:run_state",
        "clients:principals",
        "clients:choose",
        "clients:switch",
        "clients:principal",
        "clients:services",
        "clients:threshold",
        "clients:letterhead",
    }
)


def _turned(part: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for service, offer in OFFERS.items():
        for name in getattr(offer, part):
            found[name].append(service)
    return {name: tuple(services) for name, services in found.items()}


SERVICES_OF_PAGE = _turned("pages")
SERVICES_OF_JOB = _turned("jobs")
