"""Django settings of Turnus. Everything an operator may change comes from the environment.

The database connections are not opened here: `turnus.system.boot.boot()` starts the embedded
server where none is named and hands both connection strings over in the environment.
"""

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

HOME = Path(os.environ.get("TURNUS_HOME", "var")).absolute()

SECRET_KEY = os.environ.get("TURNUS_SECRET_KEY", "only-for-a-server-that-boot-has-not-started")
DEBUG = os.environ.get("TURNUS_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("TURNUS_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("TURNUS_ORIGINS", "").split(",") if o]

ROOMS = [
    "system",
    "ui",
    "clients",
    "worklist",
    "ledger",
    "documents",
    "partners",
    "masterdata",
    "products",
    "metering",
    "contracts",
    "market",
    "receivables",
    "billing",
    "care",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    *[f"turnus.{room}" for room in ROOMS],
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "turnus.clients.middleware.PrincipalMiddleware",
    "turnus.project.middleware.BookedServicesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "turnus.project.urls"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "turnus.project.shell.shell",
            ],
        },
    }
]


def _database(variable: str) -> dict[str, Any]:
    """One Django connection from a libpq connection string in the environment."""
    known = conninfo_to_dict(os.environ.get(variable, ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": known.pop("host", ""),
        "PORT": known.pop("port", ""),
        "USER": known.pop("user", ""),
        "PASSWORD": known.pop("password", ""),
        "NAME": known.pop("dbname", "turnus"),
        "OPTIONS": known,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "TEST": {"MIRROR": None},
    }


# "default" is the application role that row-level security binds; "owner" owns the tables and is
# used by `turnus migrate` alone.
DATABASES = {"default": _database("TURNUS_APP_DSN"), "owner": _database("TURNUS_OWNER_DSN")}
DATABASE_ROUTERS: list[str] = []

AUTH_USER_MODEL = "system.User"
LOGIN_URL = "/anmelden/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/anmelden/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "de"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
USE_I18N = True
# Never on: ids in links and form values must stay plain; turnus.ui.formats writes German figures.
USE_THOUSAND_SEPARATOR = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("TURNUS_HTTPS") == "1"
SECURE_CONTENT_TYPE_NOSNIFF = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

PROCRASTINATE_IMPORT_PATHS = ["turnus.system.jobs"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = True

# The explicit tables through which a lower room reaches an upper one (never by signals).
TURNUS_HANDLERS = "turnus.project.handlers"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("TURNUS_LOG", "WARNING")},
}
