from django.urls import path

from turnus.products import views

app_name = "products"
urlpatterns = [
    path("stammdaten/produkte/", views.products, name="products"),
    path("stammdaten/produkte/neu/", views.product_new, name="product_new"),
    path("stammdaten/produkte/<int:pk>/bearbeiten/", views.product_edit, name="product_edit"),
    path("stammdaten/produkte/<int:pk>/", views.product, name="product"),
]
