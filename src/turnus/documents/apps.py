from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "turnus.documents"
    label = "documents"
