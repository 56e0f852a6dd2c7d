from django.urls import path

from turnus.documents import views

app_name = "documents"
urlpatterns = [
    path("dokumente/", views.documents, name="documents"),
    path("dokumente/versenden/", views.dispatch, name="dispatch"),
    path("dokumente/<int:pk>/", views.document, name="document"),
    path("dokumente/<int:pk>/pdf/", views.pdf, name="pdf"),
]
