"""All settings, in one file. A fresh clone runs with nothing set; see docs/settings.md for every variable."""

import fcntl
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from pictogame.config import environment, logs
from pictogame.stats.pricing import names as price_lists

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(__file__).resolve().parents[1]

# Where everything embedded lives: database, bucket, vault, secret key.
DATA = environment.folder("PICTOGAME_DATA", ROOT / "data")

SITE_PORT = environment.number("PICTOGAME_SITE_PORT", 8000, least=1, most=65535)
BUCKET_PORT = environment.number("PICTOGAME_BUCKET_PORT", 9000, least=1, most=65535)
# Two names of one machine: different sites, as in production. Two ports of one name would share cookies.
SITE_URL = environment.address("PICTOGAME_SITE_URL", f"http://localhost:{SITE_PORT}")
BUCKET_URL = environment.address("PICTOGAME_BUCKET_URL", f"http://127.0.0.1:{BUCKET_PORT}")
BUCKET = environment.store("PICTOGAME_BUCKET", (DATA / "bucket").as_uri())
VAULT = environment.store("PICTOGAME_VAULT", (DATA / "vault").as_uri())

# What the runtime's build wrote; games are pinned to objects named in its manifest.
RUNTIME_DIST = environment.folder("PICTOGAME_RUNTIME", ROOT / "runtime" / "dist")

DEBUG = environment.flag("PICTOGAME_DEBUG", default=False)


def _secret_key() -> str:
    if key := environment.text("PICTOGAME_SECRET_KEY"):
        return key
    path = DATA / "secret-key"
    try:
        if not path.exists():
            _make_secret_key(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{path} can't be read or made: {error.strerror}.") from error
    if not key:
        raise ImproperlyConfigured(f"{path} is empty: remove it, and the next start makes another one.")
    return key


def _make_secret_key(path: Path) -> None:
    """The first start makes a key of its own and keeps it, so that open forms and previews outlive a restart.

    Of several processes that start at once, one makes it, and none sees it before it is whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if path.exists():
            return
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        new.replace(path)
    finally:
        os.close(folder)


SECRET_KEY = _secret_key()
SECRET_KEY_IS_OWN = not environment.text("PICTOGAME_SECRET_KEY")


# A machine that lost its power, or a process that stands still, must not keep its locks for longer than half a lease:
# whoever takes its games over would wait for them. What the address of the database says goes first.
_POSTGRESQL_LIMITS = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 40_000,
    "options": "-c idle_in_transaction_session_timeout=45000 -c lock_timeout=30000",
}


def _database() -> dict[str, Any]:
    url = environment.text("PICTOGAME_DATABASE_URL")
    if not url:
        DATA.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "pictogame.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                # A publisher's batch writes the same pages in several transactions: they are copied from the log into
                # the database once for 16 MB (4,000 pages), rather than after each transaction. As much of the database
                # is held in memory: with the 2 MB of SQLite's own choice, sums of many games read the same pages anew.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; "
                    "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-16384;"
                ),
            },
        }
    try:
        config: dict[str, Any] = environ.Env.db_url_config(url)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(
            "PICTOGAME_DATABASE_URL can't be read; it looks like postgresql://user:password@host/name."
        ) from error
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("PICTOGAME_DATABASE_URL must name a PostgreSQL database: postgresql://…")
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    config["OPTIONS"] = {**_POSTGRESQL_LIMITS, **config.get("OPTIONS", {})}
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "pictogame.accounts.backend.CountingBackend",
    "pictogame.accounts.backend.CreatorBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]

INSTALLED_APPS = [
    "pictogame.office",  # Before the admin, whose templates it dresses.
    "pictogame.studio",  # Before allauth, for the same reason.
    "pictogame.office.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "pictogame.jobs",
    "pictogame.bucket",
    "pictogame.accounts",
    "pictogame.media",
    "pictogame.catalog",
    "pictogame.games",
    "pictogame.publishing",
    "pictogame.stats",
    "pictogame.config",
]

MIDDLEWARE = [
    "pictogame.studio.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "pictogame.studio.middleware.HouseMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "pictogame.accounts.sessions.DoorsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pictogame.office.middleware.OfficeMiddleware",
]

ROOT_URLCONF = "pictogame.config.urls"
WSGI_APPLICATION = "pictogame.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

_site_host = SITE_URL.split("://", 1)[1].split("/", 1)[0]
ALLOWED_HOSTS = [_site_host.rsplit(":", 1)[0] if not _site_host.endswith("]") else _site_host, "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "pictogame.studio.views.home.forbidden"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
# Operators' sessions: no other page than the office's is ever sent their cookie. Creators' have one of their own.
SESSION_COOKIE_NAME = "office"
SESSION_COOKIE_PATH = "/office/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
LOGIN_REDIRECT_URL = "admin:index"
CREATOR_COOKIE_NAME = "creator"
CREATOR_SESSION_AGE = 60 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CSRF_COOKIE_SECURE else None
# The edit link holds a secret: nobody learns the path that a visitor comes from, not even the logs of our own proxy.
SECURE_REFERRER_POLICY = "strict-origin"

# Letters to creators who have an account. Unless set, they lie in a folder, where whoever tries it out finds them.
_mail = environment.mail("PICTOGAME_EMAIL_URL", (DATA / "mail").as_uri())
EMAIL_BACKEND, EMAIL_FILE_PATH = _mail.backend, _mail.folder
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.tls, _mail.ssl
EMAIL_TIMEOUT = 10
EMAIL_IS_SENT = bool(EMAIL_HOST)
_site_name = urlsplit(SITE_URL).hostname or "localhost"
DEFAULT_FROM_EMAIL = environment.sender("PICTOGAME_EMAIL_FROM", f"Pictogame <pictogame@{_site_name}>")

# Whether people may make accounts: where letters reach them, and on one's own machine.
ACCOUNTS_OPEN = environment.flag(
    "PICTOGAME_ACCOUNTS", default=EMAIL_IS_SENT or _site_name in {"localhost", "127.0.0.1", "::1"}
)

LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "pictogame.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "pictogame.accounts.forms.SignUp",
    "add_email": "pictogame.accounts.forms.ChangeEmail",
    "reset_password": "pictogame.accounts.forms.ResetPassword",
    "reset_password_from_key": "pictogame.accounts.forms.ChooseAnew",
    "change_password": "pictogame.accounts.forms.ChangePassword",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SESSION_COOKIE_AGE = CREATOR_SESSION_AGE

# Limits of sign-in count for all processes together; what the office draws from rows is kept in each for seconds.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_limit",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = "pictogame.config.formats"

STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# What all pages wear lies below them all; the rest is found where it lies in the package: there is nothing to collect.
STATICFILES_DIRS = [PACKAGE / "lib" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Uploads go to a temporary file piece by piece; only the small fields of a form are held in memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# What one network may send without an account, in windows of so many hours, of which each day begins a new one: three
# classrooms whose pupils each make a memory of twelve photographs. 0 is no limit.
UPLOAD_FILES = environment.number("PICTOGAME_UPLOAD_FILES", 2_000, least=0, most=1_000_000_000)
UPLOAD_MB = environment.number("PICTOGAME_UPLOAD_MB", 8_000, least=0, most=1_000_000_000)
UPLOAD_HOURS = environment.number("PICTOGAME_UPLOAD_HOURS", 24, least=1, most=24)
# Who is believed about the address that a request came from: a proxy on this machine, unless others are named.
PROXIES = environment.networks("PICTOGAME_PROXIES", "127.0.0.0/8 ::1")

# How long a cache may keep a pointer (game.xml, page, card): an edit reaches every embed within it, in seconds.
POINTER_MAX_AGE = environment.number("PICTOGAME_POINTER_MAX_AGE", 60, least=0, most=86_400)

# Numbers out of access logs: what the bucket is called in its own logs, and by whatever else names it.
BUCKET_NAME = BUCKET.split("://", 1)[1].split("/", 1)[0] if BUCKET.startswith("s3://") else "pictogame"
STATS_NAMES = environment.words("PICTOGAME_STATS_NAMES")
STATS_LOGS = environment.words("PICTOGAME_STATS_LOGS")
STATS_EVERY = environment.number("PICTOGAME_STATS_EVERY", 60, least=1, most=86_400)
STATS_HOURLY_DAYS = environment.number("PICTOGAME_STATS_HOURLY_DAYS", 35, least=1, most=3_660)
STATS_MEMORY_MB = environment.number("PICTOGAME_STATS_MEMORY_MB", 512, least=128, most=1_000_000)
STATS_THREADS = environment.number("PICTOGAME_STATS_THREADS", 2, least=1, most=256)
# So much is kept of the log that the server of a folder bucket writes.
BUCKET_LOG_MB = environment.number("PICTOGAME_BUCKET_LOG_MB", 1024, least=16, most=1_000_000)

# What the bucket may cost in a month, and the price list by which it is paid; unless set, one that fits the bucket.
BUDGET = environment.dollars("PICTOGAME_BUDGET")
PRICES = environment.one_of("PICTOGAME_PRICES", "", price_lists())

# What a CDN in front of the bucket shall forget once it was deleted: POSTed to an address, or given to a command.
PURGE_URL = environment.address("PICTOGAME_PURGE_URL", "") if environment.text("PICTOGAME_PURGE_URL") else ""
PURGE_TOKEN = environment.text("PICTOGAME_PURGE_TOKEN")
PURGE_COMMAND = environment.command("PICTOGAME_PURGE_COMMAND")
if PURGE_URL and PURGE_COMMAND:
    raise ImproperlyConfigured("Both PICTOGAME_PURGE_URL and PICTOGAME_PURGE_COMMAND are set: keep one of them.")

# Drafts that were never published and that nobody has touched for so many days are cleared away; 0 keeps them for ever.
DRAFT_DAYS = environment.number("PICTOGAME_DRAFT_DAYS", 30, least=0, most=36_500)

# Less room than this on a disk of ours, in megabytes, is not healthy, and no picture is taken into the vault.
DISK_LEAST = environment.number("PICTOGAME_DISK_LEAST", 500, least=0, most=10_000_000)

# Who asks for /metrics from another machine shows this token; whoever is on this machine needs none.
METRICS_TOKEN = environment.text("PICTOGAME_METRICS_TOKEN")

# For scripts that make an operator's account; else `pictogame operator` asks, or reads it from its standard input.
OPERATOR_PASSWORD = environment.text("PICTOGAME_OPERATOR_PASSWORD")

# PICTOGAME_LOG (text, json) and PICTOGAME_LOG_LEVEL (debug, info, warning, error); no secret is ever written.
LOGGING = logs.configuration(
    environment.one_of("PICTOGAME_LOG", "text", logs.FORMS),
    environment.one_of("PICTOGAME_LOG_LEVEL", "warning", logs.LEVELS),
)
