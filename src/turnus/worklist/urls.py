from django.urls import path

from turnus.worklist import views

app_name = "worklist"
urlpatterns = [
    path("klaerung/", views.cases, name="cases"),
    path("klaerung/<int:pk>/", views.case, name="case"),
    path("klaerung/<int:pk>/notiz/", views.case_note, name="case_note"),
    path("klaerung/<int:pk>/zuweisen/", views.case_assign, name="case_assign"),
    path("klaerung/<int:pk>/schliessen/", views.case_close, name="case_close"),
    path("klaerung/<int:pk>/loesung/<slug:name>/", views.case_action, name="case_action"),
    path("freigaben/", views.approvals, name="approvals"),
    path("freigaben/<int:pk>/", views.approval, name="approval"),
    path("freigaben/<int:pk>/entscheiden/", views.approval_decide, name="approval_decide"),
    path("protokoll/", views.audit, name="audit"),
]
