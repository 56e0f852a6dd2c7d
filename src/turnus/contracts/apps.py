from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "turnus.contracts"
    label = "contracts"
