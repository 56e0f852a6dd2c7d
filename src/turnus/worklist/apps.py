from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "turnus.worklist"
    label = "worklist"
