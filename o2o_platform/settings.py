"""All settings, from the environment; `.env.example` lists every variable.

Two modes: `DJANGO_MODE=production` (the default: nothing insecure, a missing secret
stops the start) and `development` (set by `make run`: sandbox cashier, demo notes,
message page).
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from o2o_platform.interface.unfold import UNFOLD  # noqa: F401 - a setting
from o2o_platform.operations import logs
from o2o_platform.timetable import CELERY_BEAT_SCHEDULE  # noqa: F401 - a setting

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (env_file := BASE_DIR / ".env").is_file():
    env.read_env(env_file)

MODE = env.str("DJANGO_MODE", "production")
if MODE not in ("production", "development"):
    raise ImproperlyConfigured("DJANGO_MODE is 'production' or 'development'.")
DEVELOPMENT = MODE == "development"
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- Where it is reached -----------------------------------------------------------
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000" if DEVELOPMENT else "").rstrip("/")
if not SITE_URL:
    raise ImproperlyConfigured("SITE_URL is needed, for example https://cars.example.com")
SITE_NAME = env.str("SITE_NAME", "Yujian")
SITE_NAME_ZH = env.str("SITE_NAME_ZH", "驭见")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else [urlsplit(SITE_URL).hostname],
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL] if HTTPS else [])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
SECURE_SSL_REDIRECT = HTTPS and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 31_536_000
CSRF_FAILURE_VIEW = "o2o_platform.operations.errors.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# --- Apps ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "o2o_platform.accounts",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_structlog",
    "django_htmx",
    "django_filters",
    "template_partials",
    "lucide",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "phonenumber_field",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_prometheus",
    "o2o_platform.markets",
    "o2o_platform.journal",
    "o2o_platform.outbox",
    "o2o_platform.notifications",
    "o2o_platform.documents",
    "o2o_platform.waiting",
    "o2o_platform.interface",
    "o2o_platform.operations",
    "catalog",
    "dealers",
    "orders",
    "payments",
]
# The built-in test payment provider; money never moves in it.
SANDBOX_PAYMENTS = env.bool("SANDBOX_PAYMENTS", DEVELOPMENT)
if SANDBOX_PAYMENTS:
    INSTALLED_APPS.append("payments.sandbox")

MIDDLEWARE = [
    "o2o_platform.operations.middleware.ProbeMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "catalog.stores.middleware.ShopMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "o2o_platform.operations.shedding.SheddingMiddleware",
    "o2o_platform.operations.middleware.CleanInputMiddleware",
    "o2o_platform.waiting.middleware.StandingMiddleware",
    "o2o_platform.operations.middleware.LooserContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "o2o_platform.interface.languages.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "o2o_platform.operations.middleware.RequestLogMiddleware",
    "o2o_platform.operations.middleware.LogReferenceMiddleware",
    "o2o_platform.operations.middleware.OutageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "o2o_platform.accounts.middleware.StaffSignInMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "o2o_platform.interface.desk_time.DeskTimeMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "orders.reports.counting.FunnelMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "o2o_platform.urls"
WSGI_APPLICATION = "o2o_platform.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "o2o_platform.interface.context.site",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

# --- Database, broker, cache -----------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60),
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
if REDIS_URL.startswith("unix://"):
    _socket = urlsplit(REDIS_URL).path
    CELERY_BROKER_URL, _cache_url = f"redis+socket://{_socket}?virtual_host=0", f"unix://{_socket}?db=1"
else:
    CELERY_BROKER_URL, _cache_url = REDIS_URL, REDIS_URL.rsplit("/", 1)[0] + "/1"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _cache_url,
        "KEY_PREFIX": env.str("CACHE_PREFIX", "o2o"),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    },
    # Pictures for shared links: drawn once, about 200 kB each, thrown away at random past the limit.
    "share": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": env.path("SHARE_ROOT", default=BASE_DIR / ".state" / "share")(),
        "TIMEOUT": 30 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": env.int("SHARE_PICTURES", 1000)},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Celery: the outbox is the guarantee, the broker only the alarm clock -----------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 600}
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", "o2o")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- People ---------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:garage"
LOGOUT_REDIRECT_URL = "/"
# Buyers: a code to their phone or e-mail, and no password. Staff: e-mail and password at /admin/.
ACCOUNT_ADAPTER = "o2o_platform.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"phone", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,200/h/ip",
    # The key is the phone number or address: the first rate is the pause before another code.
    "send_login_code": "1/30s/key,8/h/key,20/d/key",
    "confirm_login_code": "30/m/ip,15/10m/key",
    "share_configuration": "20/m/ip,300/h/ip",
    # Six digits of a quote: by address and account, and all guesses of everybody together.
    "quote_code": "10/10m/ip,60/d/ip,6/10m/key,20/d/key",
    "quote_code_missed": "30/h/key",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("NUM_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME

# --- Language and place -----------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English")), ("de", _("German")), ("pl", _("Polish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_MARKET = env.str("DEFAULT_MARKET", "CN")
PHONENUMBER_DEFAULT_REGION = DEFAULT_MARKET

# --- Files -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=BASE_DIR / ".state" / "static")()
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT
# Photographs are served by the platform itself, a proxy or the storage's own address; other uploads only by pages.
MEDIA_URL = env.str("MEDIA_URL", "/media/")
MEDIA_ROOT = env.path("MEDIA_ROOT", default=BASE_DIR / ".state" / "media")()
# Photographs of people's own cars: only pages that know the reader serve them, no proxy and no public storage.
PRIVATE_ROOT = env.path("PRIVATE_ROOT", default=Path(MEDIA_ROOT).parent / "private")()
# An upload may have this many bytes and pixels; pictures are written anew, so neither is what is served.
PICTURE_MAX_BYTES = env.int("PICTURE_MAX_BYTES", 20_000_000)
PICTURE_MAX_PIXELS = env.int("PICTURE_MAX_PIXELS", 64_000_000)
STORAGES = {
    "default": {
        "BACKEND": env.str("MEDIA_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("MEDIA_STORAGE_OPTIONS", default={}),
    },
    "private": {
        "BACKEND": env.str("PRIVATE_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("PRIVATE_STORAGE_OPTIONS", default={}) or {"location": str(PRIVATE_ROOT)},
    },
    "staticfiles": {
        "BACKEND": "o2o_platform.interface.statics.PlainStatics"
        if DEVELOPMENT
        else "o2o_platform.interface.statics.HashedStatics"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- Content security -----------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:", *env.list("CSP_IMG_SRC", default=[])],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        # A payment provider's own page, where a form leads on to it.
        "form-action": ["'self'", *env.list("CSP_FORM_ACTION", default=[])],
    }
}
LOOSER_CONTENT_POLICIES = {
    # Unfold's Alpine evaluates expressions and its charts and pickers write styles.
    "/admin/": {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]},
    "/api/docs/": {"style-src": ["'unsafe-inline'"]},
}

# --- API ----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["o2o_platform.interface.parsers.NestedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.NamespaceVersioning",
    "EXCEPTION_HANDLER": "o2o_platform.interface.problems.problem_response",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_ANON_RATE", "600/min"),
        "user": env.str("API_USER_RATE", "1200/min"),
    },
    "NUM_PROXIES": env.int("NUM_PROXIES", 0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "O2O car sales API",
    "VERSION": "1.0.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "OrderStatusEnum": "orders.models.Order.Status",
        "AppointmentStatusEnum": "dealers.models.Appointment.Status",
        "PaymentStatusEnum": "payments.models.Payment.Status",
        "PaymentMethodEnum": "payments.models.Payment.Method",
        "CounterMethodEnum": "payments.api.dealer_serializers.COUNTER_METHODS",
        "TestCycleEnum": "catalog.models.RangeCycle",
    },
}

# --- Messages and deliveries ----------------------------------------------------------------
# "development" writes e-mail and SMS to the message page; the others send for real.
EMAIL_ADAPTER = env.str("EMAIL_ADAPTER", "development" if DEVELOPMENT else "smtp")
SMS_ADAPTER = env.str("SMS_ADAPTER", "development" if DEVELOPMENT else "none")
EMAIL_BACKEND = "o2o_platform.notifications.smtp.DeadlineBackend"
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
# STARTTLS, or with EMAIL_USE_SSL encrypted from the first byte (port 465).
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", not EMAIL_USE_SSL)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "no-reply@example.com")
# SMS_ADAPTER "http": where texts are posted to, and how requests prove who sends them.
SMS_URL = env.str("SMS_URL", "")
SMS_AUTH = env.str("SMS_AUTH", "bearer")
SMS_SECRET = env.str("SMS_SECRET", "")
SMS_SENDER = env.str("SMS_SENDER", "")
# When nobody is disturbed, by the clock of the recipient's market; empty: never. By category: {"news": "20:00-10:00"}.
QUIET_HOURS = env.str("QUIET_HOURS", "" if DEVELOPMENT else "21:00-09:00")
QUIET_HOURS_BY_CATEGORY = env.dict("QUIET_HOURS_BY_CATEGORY", default={})
# Deliveries to loopback addresses: only for the demo dealer system and tests.
OUTBOX_ALLOW_LOOPBACK = env.bool("OUTBOX_ALLOW_LOOPBACK", DEVELOPMENT)
DEMO_DMS_URL = env.str("DEMO_DMS_URL", "")

# --- Logs and metrics -------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = logs.logging_config(json_lines=env.bool("LOG_JSON", not DEVELOPMENT), level=LOG_LEVEL)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG

# --- Selling rules that are not market data --------------------------------------------------
HOLD_MINUTES = env.int("HOLD_MINUTES", 15)
# Seconds of work before the threads of a web process past which the paths of a rush are turned away.
SHED_AFTER_S = env.float("SHED_AFTER_S", 3.0)
HOLDS_PER_BUYER = env.int("HOLDS_PER_BUYER", 3)
PAYMENT_PROVIDERS = {"sandbox": "payments.providers.sandbox.SandboxProvider"} if SANDBOX_PAYMENTS else {}
DEFAULT_PAYMENT_PROVIDER = env.str("DEFAULT_PAYMENT_PROVIDER", "sandbox")
SANDBOX_SECRET = env.str("SANDBOX_SECRET", SECRET_KEY if SANDBOX_PAYMENTS else "")
