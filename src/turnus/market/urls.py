from django.urls import path

from turnus.market.views import messages, outgoing

app_name = "market"
urlpatterns = [
    path("nachrichten/", messages.messages, name="messages"),
    path("nachrichten/einlesen/", messages.upload, name="upload"),
    path("nachrichten/ausgang/", outgoing.outgoing, name="outgoing"),
    path("nachrichten/fehlend/", messages.silent, name="silent"),
    path("nachrichten/<int:pk>/", messages.message, name="message"),
    path("nachrichten/<int:pk>/erneut/", messages.reprocess, name="reprocess"),
]
