from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "turnus.clients"
    label = "clients"
