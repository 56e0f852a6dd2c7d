from django.apps import AppConfig


class ReceivablesConfig(AppConfig):
    name = "turnus.receivables"
    label = "receivables"
