"""WSGI entry point."""

from django.core.wsgi import get_wsgi_application

from turnus.project.boot import boot

boot()
application = get_wsgi_application()
