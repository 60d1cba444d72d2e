"""One settings file. `OBELUS_ENV` is dev, test or production; `OBELUS_VAR` holds all that is made at run time."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from governance.api.schema_settings import SCHEMA_SETTINGS
from governance.embedded import running
from governance.env import database_settings, env_bool, env_choice, env_float, env_list, house_folder, key_file

ROOT = Path(__file__).resolve().parents[2]
OBELUS_ENV = env_choice("OBELUS_ENV", "dev", {"dev", "test", "production"})
PRODUCTION = OBELUS_ENV == "production"
OBELUS_VAR = house_folder(ROOT).absolute()
KEYS = OBELUS_VAR / "keys"


def required_in_production(name: str, fallback: str) -> str:
    value = os.environ.get(name, "")
    if value or not PRODUCTION:
        return value or fallback
    raise ImproperlyConfigured(f"Production needs {name} in the environment; generated values are for development.")


DEBUG = env_bool("OBELUS_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("OBELUS_DEBUG must be off in production.")

servers = None if PRODUCTION or "DATABASE_URL" in os.environ else running(OBELUS_VAR)
DATABASE_URL = required_in_production("DATABASE_URL", servers.database_url if servers else "")
# Only migrations hold the owner's URL; web, worker and tick run as a role that owns nothing.
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL") or (servers.database_owner_url if servers else "")
REDIS_URL = required_in_production("REDIS_URL", servers.redis_url if servers else "")
SECRET_KEY = required_in_production("OBELUS_SECRET_KEY", "") or key_file(KEYS, "django-secret").hex()

DATABASES: dict[str, dict[str, object]] = {}
if DATABASE_URL:
    DATABASES["default"] = database_settings(DATABASE_URL)
if DATABASE_OWNER_URL:
    DATABASES["owner"] = database_settings(DATABASE_OWNER_URL)
DATABASE_ROUTERS = ["governance.routers.OwnerMigrates"]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "governance",
    "governance.people",
    "governance.audit",
    "governance.objects",
    "governance.lineage",
    "governance.intake",
    "governance.jobs",
    "governance.verification",
    "governance.releases",
    "governance.reports",
    "governance.api",
    "governance.console",
]
MIDDLEWARE = [
    "governance.middleware.AccessLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "governance.middleware.PrivatePages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_USER_MODEL = "people.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
if OBELUS_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
STATIC_URL = "/static/"
# Nothing is collected: WhiteNoise serves the files from where they lie, and would miss a folder for them.
WHITENOISE_USE_FINDERS = True
LOGIN_URL = "/console/login/"
LOGIN_REDIRECT_URL = "/console/"

ALLOWED_HOSTS = env_list("OBELUS_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,testserver")
CSRF_TRUSTED_ORIGINS = env_list("OBELUS_ORIGINS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("OBELUS_BEHIND_TLS", default=False) else None
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
X_FRAME_OPTIONS = "DENY"

# The worker's lease, by the database's clock (docs/lifecycle.md). Drills shorten them.
LEASE_S = env_float("OBELUS_LEASE_S", 15)
# One second, so that two looks at a page two seconds apart show different step counts.
HEARTBEAT_S = env_float("OBELUS_HEARTBEAT_S", 1)
SWEEP_S = env_float("OBELUS_SWEEP_S", 2)
STOP_S = env_float("OBELUS_STOP_S", 8)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["governance.api.permissions.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "governance.api.problems.handle",
    "DEFAULT_PAGINATION_CLASS": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {"TITLE": "Obelus", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False, **SCHEMA_SETTINGS}
OAUTH2_PROVIDER_APPLICATION_MODEL = "people.MachineClient"
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 15 * 60,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "SCOPES_BACKEND_CLASS": "governance.people.scopes.ClientScopes",
    "OAUTH2_VALIDATOR_CLASS": "governance.people.scopes.ClientCredentialsOnly",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "governance.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("OBELUS_LOG_LEVEL", "INFO")},
}
