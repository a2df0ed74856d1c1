"""Django's settings, all in this file; what an office sets comes from the environment."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from huhang.config.settings_env import BadSetting, read
from huhang.rulebook import RulebookError, current, use

try:
    _env = read()
except BadSetting as error:
    raise ImproperlyConfigured(str(error)) from None
globals().update(_env)

PACKAGE = Path(__file__).resolve().parent.parent
HUHANG_HOME: Path = _env["HUHANG_HOME"]
HUHANG_HTTPS: bool = _env["HUHANG_HTTPS"]
HUHANG_MIN_FREE_MB: int = _env["HUHANG_MIN_FREE_MB"]
HUHANG_BASE_URL: str = _env["HUHANG_BASE_URL"]
HUHANG_UPLOAD_MAX_MB: int = _env["HUHANG_UPLOAD_MAX_MB"]
HUHANG_UPLOAD_MAX_FILES: int = _env["HUHANG_UPLOAD_MAX_FILES"]
HUHANG_TICK_SECONDS: int = _env["HUHANG_TICK_SECONDS"]
HUHANG_LOG_POLICY: str = _env["HUHANG_LOG_POLICY"]
HUHANG_LOG_MIRROR: str = _env["HUHANG_LOG_MIRROR"]
HUHANG_TRUSTED_PROXIES: list[Any] = _env["HUHANG_TRUSTED_PROXIES"]
HUHANG_LIMIT_PER_HOUR: int = _env["HUHANG_LIMIT_PER_HOUR"]
HUHANG_API_PER_MINUTE: int = _env["HUHANG_API_PER_MINUTE"]
HUHANG_INBOX: Path | None = _env["HUHANG_INBOX"]
HUHANG_PUSH_MAX_MB: int = _env["HUHANG_PUSH_MAX_MB"]
HUHANG_THREADS: int = _env["HUHANG_THREADS"]
HUHANG_SECOND_FACTOR: str = _env["HUHANG_SECOND_FACTOR"]
HUHANG_SMTP_HOST: str = _env["HUHANG_SMTP_HOST"]
HUHANG_SMTP_PORT: int = _env["HUHANG_SMTP_PORT"]
HUHANG_SMTP_SECURITY: str = _env["HUHANG_SMTP_SECURITY"]
HUHANG_SMTP_USER: str = _env["HUHANG_SMTP_USER"]
HUHANG_SMTP_PASSWORD: str = _env["HUHANG_SMTP_PASSWORD"]
HUHANG_SMTP_FROM: str = _env["HUHANG_SMTP_FROM"]
HUHANG_OIDC_ISSUER: str = _env["HUHANG_OIDC_ISSUER"]
HUHANG_OIDC_CLIENT_ID: str = _env["HUHANG_OIDC_CLIENT_ID"]
HUHANG_OIDC_CLIENT_SECRET: str = _env["HUHANG_OIDC_CLIENT_SECRET"]
HUHANG_OIDC_CLAIM: str = _env["HUHANG_OIDC_CLAIM"]
HUHANG_OIDC_NAME: str = _env["HUHANG_OIDC_NAME"]
HUHANG_OIDC_SECOND_FACTOR: str = _env["HUHANG_OIDC_SECOND_FACTOR"]
use(_env["HUHANG_RULEBOOK"])
try:
    current()
except RulebookError as error:
    said = "; ".join(map(str, error.faults))
    raise ImproperlyConfigured(f"HUHANG_RULEBOOK: {said}") from None


def _secret_key() -> str:
    place = HUHANG_HOME / "keys" / "secret_key"
    try:
        return place.read_text().strip()
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = secrets.token_urlsafe(60)
        part = place.with_suffix(f".{secrets.token_hex(4)}")
        part.touch(mode=0o600)
        part.write_text(made)
        try:
            place.hardlink_to(part)  # the first of two processes wins
        except FileExistsError:
            pass
        part.unlink()
        return place.read_text().strip()


SECRET_KEY = SimpleLazyObject(_secret_key)  # made when something is signed, not by --help
DEBUG = False
ALLOWED_HOSTS = _env["HUHANG_ALLOWED_HOSTS"]
CSRF_TRUSTED_ORIGINS = [_env["HUHANG_BASE_URL"]]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "huhang.kernel",
    "huhang.tlog",
    "huhang.parties",
    "huhang.cases",
    "huhang.intake",
    "huhang.insight",
    "huhang.papers",
    "huhang.look",
    "huhang.portal",
    "huhang.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "huhang.look.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "huhang.api.middleware.ProgramsRoom",
    "huhang.look.middleware.NoNul",
    "huhang.look.middleware.Bounded",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "huhang.console.middleware.StaffRoom",
    "huhang.console.faults.FaultsAsPages",
]
ROOT_URLCONF = "huhang.config.urls"
WSGI_APPLICATION = "huhang.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

if _env["HUHANG_DATABASE_URL"]:
    DATABASES: dict[str, dict[str, object]] = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            **_env["HUHANG_DATABASE_URL"],
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HUHANG_HOME / "huhang.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    " PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;"
                    # Pages that every report touches go to the file once for four thousand, not for one.
                    " PRAGMA wal_autocheckpoint=4000;"
                    " PRAGMA secure_delete=ON;"
                ),
            },
            "TEST": {"NAME": str(HUHANG_HOME / "test.sqlite3")},
        }
    }

AUTH_USER_MODEL = "parties.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "huhang.parties.passwords.NoContextWords"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_ENGINE = "huhang.kernel.sessions"
SESSION_COOKIE_AGE = 12 * 3600
# By https alone, for this host alone: a browser refuses a cookie of such a name that is set otherwise.
SESSION_COOKIE_NAME = "__Host-sessionid" if HUHANG_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HUHANG_HTTPS else "csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HUHANG_HTTPS
SESSION_COOKIE_PATH = "/"
CSRF_COOKIE_SECURE = HUHANG_HTTPS
CSRF_COOKIE_AGE = None  # gone with the browser window
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "huhang.look.views.csrf_failure"
SECURE_SSL_REDIRECT = HUHANG_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^open311/"]  # a program is refused: see ProgramsRoom
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if _env["HUHANG_TRUSTED_PROXIES"] else None
)
SECURE_HSTS_SECONDS = 31_536_000 if HUHANG_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HUHANG_HTTPS
SECURE_HSTS_PRELOAD = HUHANG_HTTPS
SECURE_REFERRER_POLICY = (
    "same-origin"  # with no-referrer a browser sends "Origin: null", refused by CSRF
)
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "/console/sign-in/"

_spoken = {"zh-hans": _("Simplified Chinese"), "en": _("English")}
LANGUAGES = [(code, _spoken[code]) for code in current().languages]
LANGUAGE_CODE = _env["HUHANG_LANGUAGE"] or current().languages[0]
if LANGUAGE_CODE not in current().languages:
    raise ImproperlyConfigured(
        f"HUHANG_LANGUAGE: the rulebook {current().id} speaks {', '.join(current().languages)}"
    )
LOCALE_PATHS = [str(PACKAGE / "locale")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = _env["HUHANG_TIME_ZONE"]

STATIC_URL = "/static/"
STATIC_ROOT = str(PACKAGE / "_assets")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "huhang.look.storage.Storage"},
}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

# Nothing of a request but which page it was and how it failed: no addresses, texts or names.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "huhang.config.logs.Discreet"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _env["HUHANG_LOG_LEVEL"]},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
    },
}
