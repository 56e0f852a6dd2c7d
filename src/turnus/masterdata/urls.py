from django.urls import path

from turnus.masterdata.views import browse, entry, imports

app_name = "masterdata"
urlpatterns = [
    path("kunden/", browse.customers, name="customers"),
    path("kunden/neu/", entry.customer_new, name="customer_new"),
    path("kunden/<int:pk>/bearbeiten/", entry.customer_edit, name="customer_edit"),
    path("kunden/<int:pk>/bank/", entry.bank_account_new, name="bank_account_new"),
    path("stammdaten/", browse.overview, name="overview"),
    path("stammdaten/lokationen/", browse.locations, name="locations"),
    path("stammdaten/lokationen/neu/", entry.location_new, name="location_new"),
    path("stammdaten/lokationen/<int:pk>/", browse.location, name="marketlocation"),
    path("stammdaten/lokationen/<int:pk>/bearbeiten/", entry.location_edit, name="location_edit"),
    path("stammdaten/lokationen/<int:pk>/zaehler/", entry.meter_new, name="meter_new"),
    path("stammdaten/zaehlwerke/<int:pk>/", browse.register, name="register"),
    path("stammdaten/zaehlwerke/<int:pk>/bearbeiten/", entry.register_edit, name="register_edit"),
    path("stammdaten/bank/<int:pk>/", browse.bank_account, name="bankaccount"),
    path("stammdaten/mandat/<int:pk>/", entry.mandate, name="mandate"),
    path("stammdaten/import/", imports.overview, name="imports"),
    path("stammdaten/import/<slug:name>/", imports.take_in, name="import"),
    path("stammdaten/import/<slug:name>/vorlage/", imports.template, name="import_template"),
]
