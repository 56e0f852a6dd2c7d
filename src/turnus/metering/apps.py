from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "turnus.metering"
    label = "metering"
