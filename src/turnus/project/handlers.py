"""The tables through which a lower room reaches an upper one: names to dotted paths, no signals.

Every path is resolved by a test.
"""

from turnus.project.booking import SERVICES_OF_JOB

__all__ = ["SERVICES_OF_JOB"]  # job → services of which one must be booked (`clients.services.is_due`)

# (message type, Prüfidentifikator) → function that understands the message.
MESSAGE_HANDLERS: dict[tuple[str, str], str] = {
    ("APERAK", ""): "turnus.market.incoming_answers.take_aperak",
    ("CONTRL", ""): "turnus.market.incoming_answers.take_contrl",
    ("MSCONS", "13002"): "turnus.market.meter_values.take_readings",
    ("MSCONS", "13006"): "turnus.market.meter_values.take_cancellation",
    ("MSCONS", "13007"): "turnus.market.meter_values.take_gas_quality",
    ("MSCONS", "13008"): "turnus.market.meter_values.take_intervals",
    ("MSCONS", "13009"): "turnus.market.meter_values.take_amounts",
    ("MSCONS", "13013"): "turnus.market.meter_values.take_amounts",
    ("MSCONS", "13014"): "turnus.market.meter_values.take_amounts",
    ("MSCONS", "13015"): "turnus.market.meter_values.take_amounts",
    ("MSCONS", "13016"): "turnus.market.meter_values.take_amounts",
    ("MSCONS", "13017"): "turnus.market.meter_values.take_readings",
    ("MSCONS", "13018"): "turnus.market.meter_values.take_intervals",
    ("MSCONS", "13019"): "turnus.market.meter_values.take_amounts",
    ("MSCONS", "13022"): "turnus.market.meter_values.take_intervals",
    ("MSCONS", "13025"): "turnus.market.meter_values.take_intervals",
    ("MSCONS", "13027"): "turnus.market.meter_values.take_amounts",
}

# Kind of mass run → object with the `system.runs.RunKind` protocol.
RUN_KINDS: dict[str, str] = {
    "billing": "turnus.billing.runs.BILLING",
    "documents": "turnus.documents.runs.DOCUMENTS",
}

# Kind of case → solutions a clerk can run from it (`worklist.services.CaseAction`).
CASE_ACTIONS: dict[str, list[str]] = {
    "bank_file_refused": ["turnus.receivables.services.case_actions.IMPORT_AGAIN"],
    "debit_returned": [
        "turnus.receivables.services.case_actions.COLLECT_AGAIN",
        "turnus.receivables.services.case_actions.PAY_BY_TRANSFER",
    ],
    "debit_not_possible": ["turnus.receivables.services.case_actions.PAY_BY_TRANSFER"],
    "suspense_overdue": [
        "turnus.receivables.services.case_actions.TAKE_SUGGESTION",
        "turnus.receivables.services.case_actions.ASSIGN",
    ],
    "letterhead_missing": ["turnus.billing.actions.PRINT"],
    "bill_incomplete": ["turnus.billing.actions.PRINT"],
    "document_failed": ["turnus.documents.actions.RENDER_AGAIN"],
    "location_unknown": [
        "turnus.market.actions.RETRY",
        "turnus.market.actions.REJECT",
        "turnus.market.actions.DISMISS",
    ],
    "location_missing": [
        "turnus.market.actions.ASSIGN",
        "turnus.market.actions.REJECT",
        "turnus.market.actions.DISMISS",
    ],
    "register_unknown": [
        "turnus.market.actions.RETRY",
        "turnus.market.actions.REJECT",
        "turnus.market.actions.DISMISS",
    ],
    "partner_unknown": ["turnus.market.actions.CREATE_PARTNER", "turnus.market.actions.DISMISS"],
    "wrong_receiver": ["turnus.market.actions.FORCE", "turnus.market.actions.DISMISS"],
    "interchange_reference": ["turnus.market.actions.FORCE", "turnus.market.actions.DISMISS"],
    "test_interchange": ["turnus.market.actions.FORCE", "turnus.market.actions.DISMISS"],
    "message_faulty": ["turnus.market.actions.RETRY", "turnus.market.actions.DISMISS"],
    "message_failed": ["turnus.market.actions.RETRY", "turnus.market.actions.DISMISS"],
    "message_unhandled": ["turnus.market.actions.RETRY", "turnus.market.actions.DISMISS"],
    "values_refused": [
        "turnus.market.actions.RETRY",
        "turnus.market.actions.REJECT",
        "turnus.market.actions.DISMISS",
    ],
    "values_cancelled": ["turnus.market.actions.RETRY", "turnus.market.actions.DISMISS"],
    "request_impossible": ["turnus.market.actions.SEND"],
    "request_unanswered": ["turnus.market.actions.REMIND"],
    "partner_address_missing": ["turnus.market.actions.HAND_OVER"],
    "answer_rejected": ["turnus.market.actions.DISMISS"],
    "answer_stray": ["turnus.market.actions.DISMISS"],
    "billing_hold": ["turnus.billing.actions.BILL_AGAIN", "turnus.billing.actions.ESTIMATE"],
    "billing_failed": ["turnus.billing.actions.BILL_AGAIN"],
    "rebill_check": ["turnus.billing.actions.CORRECT"],
    "reading_blocked": ["turnus.metering.actions.RELEASE", "turnus.metering.actions.REJECT"],
}

# Kind of approval → function(approval=, user=, at=) that carries out an approved matter.
APPROVAL_HANDLERS: dict[str, str] = {
    "bank_account": "turnus.masterdata.services.approve_bank_accounts",
    "period_unlock": "turnus.ledger.services.approve_unlock",
    "payout": "turnus.receivables.services.payouts.approve_return",
    "price": "turnus.contracts.services.approve_price",
    "product_change": "turnus.contracts.services.approve_product_change",
    "location_change": "turnus.masterdata.services.approve_location_change",
    "register_change": "turnus.masterdata.services.approve_register_change",
}

# Kind of approval without an amount → roles that may give it, where not lead and principal alone.
APPROVAL_ROLES: dict[str, tuple[str, ...]] = {"bank_account": ("clerk", "lead", "principal")}

# Which bills stand for contracts or locations; arguments and result: `worklist.retroactive.billed_periods`.
BILLED_PERIODS = "turnus.project.facts.billed_periods"

# Functions that return repeatable SQL, run after every migration as owner.
SCHEMA_SQL: list[str] = [
    "turnus.clients.middleware.memberships_sql",
    "turnus.masterdata.sql.search_sql",
    "turnus.documents.sql.triggers_sql",
    "turnus.ledger.sql.triggers_sql",
    "turnus.receivables.sql.triggers_sql",
    "turnus.billing.sql.triggers_sql",
    "turnus.metering.sql.triggers_sql",
    "turnus.care.sql.search_sql",
]

# Tables of money and originals whose rows are only ever added.
APPEND_ONLY: list[str] = [
    "system_auditentry",
    "documents_original",
    "care_contactmove",
    "ledger_journal",
    "ledger_leg",
    "receivables_clearing",
    "receivables_clearingline",
    "billing_billline",
]

# Number range → where every number drawn from it must be found (app label.Model.column).
NUMBERED: dict[str, str] = {
    "bill": "billing.Bill.number",
    "case": "worklist.Case.number",
    "dunning_notice": "receivables.DunningNotice.number",
    "direct_debit_run": "receivables.DebitRun.number",
    "payout": "receivables.Payout.number",
    "payout_file": "receivables.PayoutFile.number",
}

# Checks of `turnus verify`: function(client_id=) → list of system.verify.Finding.
VERIFY_CHECKS: list[str] = [
    "turnus.system.checks.check_number_gaps",
    "turnus.documents.checks.check_originals",
    "turnus.documents.checks.check_dispatched",
    "turnus.ledger.checks.check_journals",
    "turnus.ledger.checks.check_reversals",
    "turnus.ledger.checks.check_locked_periods",
    "turnus.receivables.checks.check_open_items",
    "turnus.receivables.checks.check_clearings",
    "turnus.receivables.checks.check_bank",
    "turnus.billing.checks.check_bills",
    "turnus.billing.checks.check_bills_posted",
    "turnus.metering.checks.check_interval_days",
    "turnus.metering.checks.check_versions",
    "turnus.market.checks.check_messages",
    "turnus.market.checks.check_interchanges",
]

# Object (`room.model`) → name of the page that shows it, where it is not `room:model`.
OBJECT_PAGES: dict[str, str] = {
    "masterdata.customer": "care:customer",
    "contracts.supplycontract": "contracts:contract",
    "market.message": "market:message",
}

# Kind of table that can be imported → object with the `system.imports.ImportKind` protocol.
IMPORT_KINDS: dict[str, str] = {
    "customers": "turnus.masterdata.imports.CUSTOMERS",
    "bank_accounts": "turnus.masterdata.imports.BANK_ACCOUNTS",
    "market_locations": "turnus.masterdata.imports.MARKET_LOCATIONS",
    "products": "turnus.products.imports.PRODUCTS",
    "prices": "turnus.products.imports.PRICES",
    "contracts": "turnus.contracts.imports.CONTRACTS",
    "readings": "turnus.metering.imports.READINGS",
}
