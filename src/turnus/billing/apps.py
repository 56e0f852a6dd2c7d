from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "turnus.billing"
    label = "billing"
