from django.urls import path

from turnus.billing.views import bills, exceptions, instalments, outstanding

app_name = "billing"
urlpatterns = [
    path("abrechnung/rechnungen/", bills.bills, name="bills"),
    path("abrechnung/rechnungen/nicht-faellig/", outstanding.left_out, name="left_out"),
    path("abrechnung/rechnungen/ueberfaellig/", outstanding.overdue, name="overdue"),
    path("abrechnung/rechnungen/<int:pk>/", bills.bill, name="bill"),
    path("abrechnung/rechnungen/<int:pk>/korrigieren/", bills.correct, name="correct"),
    path("vertraege/<int:pk>/abschlaege/", instalments.instalments, name="instalments"),
    path("abrechnung/lauf/", bills.start, name="start"),
    path("abrechnung/aussteuerung/", exceptions.exceptions, name="exceptions"),
    path("abrechnung/aussteuerung/pflichtangabe/<int:item>/", exceptions.incomplete, name="incomplete"),
    path("abrechnung/aussteuerung/<int:pk>/", exceptions.exception, name="exception"),
    path("abrechnung/aussteuerung/<int:pk>/entscheiden/", exceptions.decide, name="decide"),
]
