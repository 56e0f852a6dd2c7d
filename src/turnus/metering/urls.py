from django.urls import path

from turnus.metering.views import readings, requests

app_name = "metering"
urlpatterns = [
    path("messwerte/", readings.readings, name="readings"),
    path("messwerte/anforderungen/", requests.requests, name="requests"),
    path("messwerte/anforderungen/<int:pk>/", requests.value_request, name="valuerequest"),
    path("messwerte/stand/<int:pk>/", readings.reading, name="meterreading"),
    path("messwerte/lokation/<int:pk>/", readings.location, name="location"),
    path("messwerte/lokation/<int:pk>/erfassen/", readings.enter, name="enter"),
]
