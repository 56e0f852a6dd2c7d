"""WSGI entry point."""

from django.core.wsgi import get_wsgi_application

from turnus.system.boot import boot

boot()
application = get_wsgi_application()
