from django.urls import path

from turnus.market import views

app_name = "market"
urlpatterns = [
    path("nachrichten/", views.messages, name="messages"),
    path("nachrichten/einlesen/", views.upload, name="upload"),
    path("nachrichten/fehlend/", views.silent, name="silent"),
    path("nachrichten/<int:pk>/", views.message, name="message"),
    path("nachrichten/<int:pk>/erneut/", views.reprocess, name="reprocess"),
]
