from django.apps import AppConfig


class SystemConfig(AppConfig):
    name = "turnus.system"
    label = "system"
