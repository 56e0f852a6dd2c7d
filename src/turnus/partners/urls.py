from django.urls import path

from turnus.partners import views

app_name = "partners"
urlpatterns = [
    path("stammdaten/marktpartner/", views.partners, name="partners"),
    path("stammdaten/marktpartner/<int:pk>/", views.partner, name="marketpartner"),
]
