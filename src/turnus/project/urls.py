"""Root URLs: German words, one prefix per area."""

from django.urls import URLPattern, URLResolver, include, path

from turnus.project import views

# From top to bottom: an upper room may show an address that begins like a lower one's.
ROOMS = (
    "care",
    "billing",
    "receivables",
    "market",
    "contracts",
    "metering",
    "products",
    "masterdata",
    "partners",
    "documents",
    "ledger",
    "worklist",
    "clients",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("suche/", views.search, name="search"),
    *[path("", include(f"turnus.{room}.urls")) for room in ROOMS],
]
