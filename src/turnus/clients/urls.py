from django.urls import path

from turnus.clients.views import principals, runs, signing

app_name = "clients"
urlpatterns = [
    path("anmelden/", signing.Login.as_view(), name="login"),
    path("abmelden/", signing.Logout.as_view(), name="logout"),
    path("laeufe/", runs.runs, name="runs"),
    path("laeufe/<int:pk>/", runs.run, name="run"),
    path("laeufe/<int:pk>/stand/", runs.run_state, name="run_state"),
    path("auftraggeber/", principals.principals, name="principals"),
    path("auftraggeber/waehlen/", principals.choose, name="choose"),
    path("auftraggeber/wechseln/", principals.switch, name="switch"),
    path("auftraggeber/<int:pk>/", principals.principal, name="principal"),
    path("auftraggeber/<int:pk>/wertgrenze/", principals.threshold, name="threshold"),
    path("auftraggeber/<int:pk>/bausteine/", principals.services_chosen, name="services"),
    path("auftraggeber/<int:pk>/briefkopf/", principals.letterhead, name="letterhead"),
]
