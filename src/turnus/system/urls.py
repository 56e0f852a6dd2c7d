from django.urls import path

from turnus.system import views

app_name = "system"
urlpatterns = [
    path("anmelden/", views.Login.as_view(), name="login"),
    path("abmelden/", views.Logout.as_view(), name="logout"),
    path("laeufe/", views.runs, name="runs"),
    path("laeufe/<int:pk>/", views.run, name="run"),
    path("laeufe/<int:pk>/stand/", views.run_state, name="run_state"),
]
