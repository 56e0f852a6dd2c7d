from django.urls import path

from turnus.receivables.views import collections, disconnections, items, payments, payouts, reminders

app_name = "receivables"
urlpatterns = [
    path("offene-posten/", items.items, name="items"),
    path("offene-posten/<int:pk>/", items.item, name="openitem"),
    path("offene-posten/<int:pk>/mahnsperre/", items.block, name="block"),
    path("zahlungszuordnung/", payments.suspense, name="suspense"),
    path("zahlungszuordnung/auszug/", payments.upload, name="upload"),
    path("zahlungszuordnung/auszuege/", payments.statements, name="statements"),
    path("zahlungszuordnung/<int:pk>/", payments.entry, name="statemententry"),
    path("zahlungszuordnung/<int:pk>/zuordnen/", payments.assign, name="assign"),
    path("zahlungszuordnung/<int:pk>/zuruecknehmen/", payments.undo, name="undo"),
    path("zahlungszuordnung/<int:pk>/notiz/", payments.note, name="note"),
    path("zahlungszuordnung/<int:pk>/zurueck/", payments.send_back, name="send_back"),
    path("auszahlungen/", payouts.payouts, name="payouts"),
    path("auszahlungen/dateien/", payouts.files, name="payout_files"),
    path("auszahlungen/dateien/neu/", payouts.create_file, name="payout_file_new"),
    path("auszahlungen/dateien/<int:pk>/", payouts.file, name="payoutfile"),
    path("auszahlungen/<int:pk>/", payouts.payout, name="payout"),
    path("auszahlungen/<int:pk>/zuruecknehmen/", payouts.cancel, name="payout_cancel"),
    path("sperrfaehig/", disconnections.disconnections, name="disconnections"),
    path("sperrfaehig/<int:pk>/", disconnections.disconnection, name="disconnectioncheck"),
    path("lastschriften/", collections.debit_runs, name="debit_runs"),
    path("lastschriften/neu/", collections.plan, name="debit_plan"),
    path("lastschriften/<int:pk>/", collections.debit_run, name="debit_run"),
    path("lastschriften/<int:pk>/freigeben/", collections.release, name="debit_release"),
    path("lastschriften/<int:pk>/verwerfen/", collections.cancel, name="debit_cancel"),
    path("lastschriften/<int:pk>/datei/", collections.file, name="debit_file"),
    path("mahnungen/", reminders.dunning_runs, name="dunning_runs"),
    path("mahnungen/neu/", reminders.propose, name="dunning_propose"),
    path("mahnungen/<int:pk>/", reminders.dunning_run, name="dunning_run"),
    path("mahnungen/<int:pk>/freigeben/", reminders.release, name="dunning_release"),
    path("mahnungen/<int:pk>/zuruecknehmen/", reminders.cancel, name="dunning_cancel"),
    path("mahnungen/<int:pk>/herausnehmen/", reminders.remove, name="dunning_remove"),
]
