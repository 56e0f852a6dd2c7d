from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "turnus.ui"
    label = "ui"
