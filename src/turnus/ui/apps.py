from django.apps import AppConfig

# Before any model: a generated column copies the lookups of its kind when its model is made.
import turnus.ui.lookups  # noqa: F401


class UiConfig(AppConfig):
    name = "turnus.ui"
    label = "ui"
