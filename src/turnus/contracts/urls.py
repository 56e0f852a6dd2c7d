from django.urls import path

from turnus.contracts.views import browse, entry

app_name = "contracts"
urlpatterns = [
    path("vertraege/", browse.contracts, name="contracts"),
    path("vertraege/neu/", entry.contract_new, name="contract_new"),
    path("vertraege/<int:pk>/", browse.contract, name="contract"),
    path("vertraege/<int:pk>/aktivieren/", entry.activate, name="activate"),
    path("vertraege/<int:pk>/tarif/", entry.change_product, name="change_product"),
    path("vertraege/<int:pk>/ende/", entry.end_supply, name="end_supply"),
    path("stammdaten/produkte/<int:pk>/preis/", entry.price_new, name="price_new"),
]
