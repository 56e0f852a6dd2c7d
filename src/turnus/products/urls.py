from django.urls import path

from turnus.products import views

app_name = "products"
urlpatterns = [
    path("stammdaten/produkte/", views.products, name="products"),
    path("stammdaten/produkte/<int:pk>/", views.product, name="product"),
]
