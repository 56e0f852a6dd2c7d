from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "turnus.market"
    label = "market"
