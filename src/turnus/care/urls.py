from django.urls import path

from turnus.care.views import contacts, customer

app_name = "care"
urlpatterns = [
    path("kunden/<int:pk>/", customer.customer, name="customer"),
    path("kunden/<int:pk>/kontakt/", contacts.record, name="record"),
    path("kontakte/<int:pk>/", contacts.contact, name="contactnote"),
    path("kontakte/<int:pk>/verschieben/", contacts.move, name="move"),
]
