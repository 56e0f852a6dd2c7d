"""WSGI entry point."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from turnus.system.boot import boot

boot()
# Style and script are served from where they lie; the collecting folder only has to exist.
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
application = get_wsgi_application()
