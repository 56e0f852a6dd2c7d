from django.apps import AppConfig


class MasterdataConfig(AppConfig):
    name = "turnus.masterdata"
    label = "masterdata"
