from django.urls import path

from turnus.ledger.views import journals, periods, vat

app_name = "ledger"
urlpatterns = [
    path("buchungsperioden/", periods.periods, name="periods"),
    path("buchungsperioden/<int:pk>/", periods.period, name="postingperiod"),
    path("buchungsperioden/<int:pk>/sperren/", periods.lock, name="period_lock"),
    path("buchungsperioden/<int:pk>/oeffnen/", periods.unlock, name="period_unlock"),
    path("umsatzsteuer/", vat.vat, name="vat"),
    path("umsatzsteuer/buchungen/", vat.vat_journals, name="vat_journals"),
    path("buchungen/<uuid:pk>/", journals.journal, name="journal"),
]
