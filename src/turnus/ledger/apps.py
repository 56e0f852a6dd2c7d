from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "turnus.ledger"
    label = "ledger"
