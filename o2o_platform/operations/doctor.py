"""Is everything the platform needs there? Each diagnosis says what it found and how to mend it."""

import uuid
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import kombu.exceptions
import redis
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from o2o_platform.celery import app as celery_app
from o2o_platform.notifications.adapters import sms_adapter
from o2o_platform.notifications.kinds import Category
from o2o_platform.notifications.quiet import read_hours
from o2o_platform.operations import probes
from o2o_platform.outbox.http import AddressRefused, check_url
from o2o_platform.outbox.models import Delivery

OLDEST_POSTGRES, NEWEST_POSTGRES = 15, 18
EXTENSIONS = frozenset({"btree_gist", "pg_trgm"})
BEAT_SILENCE = timedelta(seconds=60)
WORKER_TIMEOUT_S = 2.0
UNREACHABLE = (redis.RedisError, kombu.exceptions.OperationalError, OSError)


@dataclass(frozen=True)
class Diagnosis:
    """One line of the doctor; without a remedy all is well."""

    subject: str
    finding: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        return not self.remedy


def examine() -> Iterator[Diagnosis]:
    """Every diagnosis in turn; what hangs on a database that is down is left out."""
    if probes.database_answers():
        yield from (diagnose() for diagnose in OF_DATABASE)
    else:
        yield Diagnosis("PostgreSQL", "does not answer", "Start it, or correct DATABASE_URL.")
    if probes.broker_answers():
        yield from (diagnose() for diagnose in OF_BROKER)
    else:
        yield Diagnosis("Broker", "does not answer", "Start Redis or Valkey, or correct REDIS_URL.")
    yield from (diagnose() for diagnose in OF_MACHINE)


def diagnose_postgres() -> Diagnosis:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        major = int(cursor.fetchone()[0]) // 10_000
    if OLDEST_POSTGRES <= major <= NEWEST_POSTGRES:
        return Diagnosis("PostgreSQL", f"version {major}")
    remedy = f"Use PostgreSQL {OLDEST_POSTGRES} to {NEWEST_POSTGRES}; others are not tested."
    return Diagnosis("PostgreSQL", f"version {major}", remedy)


def diagnose_extensions() -> Diagnosis:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        missing = EXTENSIONS - {name for (name,) in cursor.fetchall()}
    if not missing:
        return Diagnosis("Extensions", ", ".join(sorted(EXTENSIONS)))
    commands = "; ".join(f"CREATE EXTENSION {name}" for name in sorted(missing))
    return Diagnosis("Extensions", f"missing: {', '.join(sorted(missing))}", f"As a superuser: {commands}")


def diagnose_chinese_search() -> Diagnosis:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('show_trgm') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return Diagnosis("Chinese search", "pg_trgm is missing", "CREATE EXTENSION pg_trgm")
        cursor.execute("SELECT show_trgm('特斯拉')")
        if cursor.fetchone()[0]:
            return Diagnosis("Chinese search", "trigrams work")
    return Diagnosis("Chinese search", "finds no trigrams", "Create the database with LC_CTYPE 'C.UTF-8'.")


def diagnose_migrations() -> Diagnosis:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        return Diagnosis("Migrations", "all applied")
    return Diagnosis("Migrations", f"{len(waiting)} to apply", "manage.py migrate")


def diagnose_beat() -> Diagnosis:
    """Beat wakes the outbox every two seconds; a row due for a minute tells that it, or the worker, is silent."""
    late = Delivery.objects.due().filter(next_attempt_at__lt=timezone.now() - BEAT_SILENCE).count()
    if not late:
        return Diagnosis("Beat", "deliveries are on time")
    return Diagnosis("Beat", f"{late} deliveries late", "Start beat and the worker; see deploy/README.md.")


def diagnose_broker() -> Diagnosis:
    return Diagnosis("Broker", "answers")


def diagnose_cache() -> Diagnosis:
    key = f"doctor-{uuid.uuid4().hex}"
    try:
        cache.set(key, "well", 10)
        answer = cache.get(key)
    except UNREACHABLE as error:
        answer = type(error).__name__
    if answer == "well":
        return Diagnosis("Cache", "reads and writes")
    return Diagnosis("Cache", f"answered {answer}", "Check the memory limit and the rights of Redis.")


def diagnose_worker() -> Diagnosis:
    try:
        answers = celery_app.control.inspect(timeout=WORKER_TIMEOUT_S).ping() or {}
    except UNREACHABLE as error:
        return Diagnosis("Worker", type(error).__name__, "Correct REDIS_URL.")
    if answers:
        return Diagnosis("Worker", f"{len(answers)} at work")
    return Diagnosis("Worker", "none answers", "celery -A o2o_platform worker; see deploy/README.md.")


def diagnose_email() -> Diagnosis:
    """Connects, encrypts and signs in, as a message would."""
    if settings.EMAIL_ADAPTER != "smtp":
        return Diagnosis("E-mail", f"{settings.EMAIL_ADAPTER} adapter")
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mail = get_connection(timeout=3)
    try:
        mail.open()
    except OSError as error:
        return Diagnosis("E-mail", f"{where}: {type(error).__name__}", "Check EMAIL_HOST and its user and password.")
    mail.close()
    if not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        return Diagnosis("E-mail", f"{where} answers, unencrypted", "Set EMAIL_USE_TLS or EMAIL_USE_SSL.")
    if settings.DEFAULT_FROM_EMAIL.rstrip("> ").endswith("example.com"):
        return Diagnosis("E-mail", f"{where} answers", "Set DEFAULT_FROM_EMAIL to an address it may send as.")
    return Diagnosis("E-mail", f"{where} answers")


def diagnose_sms() -> Diagnosis:
    """Whether the settings make sense; no text is sent."""
    if settings.SMS_ADAPTER == "none":
        return Diagnosis("SMS", "no adapter", "Set SMS_ADAPTER: without it nobody signs in by phone.")
    try:
        sms_adapter()
        if settings.SMS_ADAPTER == "http":
            check_url(settings.SMS_URL)
    except (ImproperlyConfigured, AddressRefused) as error:
        return Diagnosis("SMS", f"{settings.SMS_ADAPTER} adapter: {error}", "See Messages in docs/operations.md.")
    if settings.SMS_ADAPTER == "http" and not settings.SMS_URL.startswith("https://"):
        return Diagnosis("SMS", "texts and token travel unencrypted", "Give SMS_URL an https:// address.")
    return Diagnosis("SMS", f"{settings.SMS_ADAPTER} adapter")


def diagnose_quiet_hours() -> Diagnosis:
    try:
        for hours in (settings.QUIET_HOURS, *settings.QUIET_HOURS_BY_CATEGORY.values()):
            read_hours(hours)
    except ImproperlyConfigured as error:
        return Diagnosis("Quiet hours", str(error), "Correct QUIET_HOURS and QUIET_HOURS_BY_CATEGORY.")
    if unknown := settings.QUIET_HOURS_BY_CATEGORY.keys() - set(Category.values):
        known = ", ".join(Category.values)
        return Diagnosis("Quiet hours", f"no such category: {', '.join(sorted(unknown))}", f"There are: {known}.")
    return Diagnosis("Quiet hours", settings.QUIET_HOURS or "none")


def diagnose_media() -> Diagnosis:
    return _diagnose_folder("Uploads", Path(settings.MEDIA_ROOT), "MEDIA_ROOT")


def diagnose_static() -> Diagnosis:
    if settings.DEVELOPMENT:
        return Diagnosis("Static files", "served from their sources")
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        return Diagnosis("Static files", "collected")
    return Diagnosis("Static files", "not collected", "manage.py collectstatic --noinput")


def diagnose_translations() -> Diagnosis:
    sources = [path for folder in settings.LOCALE_PATHS for path in Path(folder).rglob("*.po")]
    stale = [
        source.parent.parent.name
        for source in sources
        if not (binary := source.with_suffix(".mo")).is_file() or binary.stat().st_mtime < source.stat().st_mtime
    ]
    if not stale:
        return Diagnosis("Translations", f"{len(sources)} compiled")
    return Diagnosis("Translations", f"not compiled: {', '.join(stale)}", "pybabel compile -d locale -D django")


def diagnose_time_zones() -> Diagnosis:
    try:
        zoneinfo.ZoneInfo("Asia/Shanghai")
    except zoneinfo.ZoneInfoNotFoundError:
        return Diagnosis("Time zones", "no data", "Install the system's tzdata, or the Python package tzdata.")
    return Diagnosis("Time zones", "known")


def _diagnose_folder(subject: str, folder: Path, variable: str) -> Diagnosis:
    probe = folder / f".doctor-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Diagnosis(
            subject, f"{folder}: {error.strerror}", f"Let the platform's user write there, or set {variable}."
        )
    return Diagnosis(subject, f"{folder} is writable")


def diagnose_connections() -> Diagnosis:
    """Room for the web threads, the worker and a person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int, (SELECT count(*) FROM pg_stat_activity)")
        limit, used = cursor.fetchone()
    if used < limit * 0.8:
        return Diagnosis("Connections", f"{used} of {limit}")
    return Diagnosis("Connections", f"{used} of {limit}", "Raise max_connections, or put PgBouncer in between.")


OF_DATABASE: tuple[Callable[[], Diagnosis], ...] = (
    diagnose_postgres,
    diagnose_connections,
    diagnose_extensions,
    diagnose_chinese_search,
    diagnose_migrations,
    diagnose_beat,
)
OF_BROKER: tuple[Callable[[], Diagnosis], ...] = (diagnose_broker, diagnose_cache, diagnose_worker)
OF_MACHINE: tuple[Callable[[], Diagnosis], ...] = (
    diagnose_email,
    diagnose_sms,
    diagnose_quiet_hours,
    diagnose_media,
    diagnose_static,
    diagnose_translations,
    diagnose_time_zones,
)
