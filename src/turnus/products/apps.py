from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "turnus.products"
    label = "products"
