from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "turnus.partners"
    label = "partners"
