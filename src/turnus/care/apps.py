from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "turnus.care"
    label = "care"
