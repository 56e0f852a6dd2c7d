from django.urls import path

from turnus.metering import views

app_name = "metering"
urlpatterns = [
    path("messwerte/", views.readings, name="readings"),
    path("messwerte/stand/<int:pk>/", views.reading, name="meterreading"),
    path("messwerte/lokation/<int:pk>/", views.location, name="location"),
    path("messwerte/lokation/<int:pk>/erfassen/", views.enter, name="enter"),
]
