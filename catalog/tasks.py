"""What the schedule starts."""

from celery import shared_task

from catalog.services import alerts, photos, publishing, touches, vehicle_imports


@shared_task(name="catalog.publish_due")
def publish_due() -> int:
    """Publish the trims whose moment has come; returns how many."""
    return publishing.publish_due()


@shared_task(name="catalog.sweep_photos")
def sweep_photos() -> int:
    """Delete files no photograph names any more; returns how many."""
    return photos.sweep_photos()


@shared_task(name="catalog.sweep_touches")
def sweep_touches() -> int:
    """Delete notes of changes every list has long followed; returns how many."""
    return touches.sweep_touches()


@shared_task(name="catalog.check_saved_searches")
def check_saved_searches() -> int:
    """Tell people what changed in their saved searches and cars; returns how many messages that made."""
    return alerts.check_saved_searches() + alerts.check_saved_cars()


@shared_task(name=vehicle_imports.TASK, time_limit=vehicle_imports.TIME_LIMIT_S)
def run_vehicle_imports() -> int:
    """Check or import the tables uploaded at the desk; returns how many were brought to an end."""
    return vehicle_imports.run_imports()
