"""Signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView


class Login(LoginView):
    """Name and password; the next page comes from ?next=."""

    template_name = "clients/login.html"
    redirect_authenticated_user = True


class Logout(LogoutView):
    """POST only, so that no picture on a foreign page can sign anybody out."""

    http_method_names = ["post"]
