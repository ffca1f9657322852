"""Why a test drive can't be had; each message is fit for the reader."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DriveRefused(Exception):
    """A test drive can't be booked or changed like this; `str()` says why in the reader's language."""

    message: Promise | str = ""

    def __str__(self) -> str:
        return str(self.message)


class SlotTaken(DriveRefused):
    message = _("This time has just been taken. Please choose another.")


class OutsideHours(DriveRefused):
    message = _("The dealership is closed at this time.")


class OutsideWindow(DriveRefused):
    message = _("This time is too soon or too far ahead to book.")


class NotASlot(DriveRefused):
    message = _("Test drives don't start at this time. Please choose one of the times shown.")


class NoDemoCar(DriveRefused):
    message = _("This dealership has no demo car of this brand.")


class TooManyDrives(DriveRefused):
    message = _("You have three open test drives. Cancel one to book another.")


class TooManyRequests(DriveRefused):
    message = _("You have changed test drives very often today. Please call the dealership.")


class AdvisorBusy(DriveRefused):
    message = _("No advisor is free at this time.")


class NotTheirAdvisor(DriveRefused):
    message = _("This person doesn't work at the dealership.")


class TooEarly(DriveRefused):
    message = _("The test drive has not started yet.")


class KeyReused(DriveRefused):
    message = _("This request was already used for another test drive.")


class ApprovalNeeded(DriveRefused):
    message = _("This buyer missed two test drives. A manager has to approve this one.")


class LicenceNotChecked(DriveRefused):
    message = _("Check the driving licence first.")


class NoHomeDrives(DriveRefused):
    message = _("This dealership offers no test drives at home.")


class AddressMissing(DriveRefused):
    message = _("We need the address to bring the car to.")


class TooFarFromHouse(DriveRefused):
    """The home is outside the dealership's radius; lengths in km."""

    def __init__(self, distance_km: float, radius_km: int) -> None:
        self.distance_km, self.radius_km = distance_km, radius_km
        super().__init__(distance_km, radius_km)

    def __str__(self) -> str:
        lengths = {"distance": round(self.distance_km), "radius": self.radius_km}
        return str(_("Your home is about %(distance)d km away; this dealership comes up to %(radius)d km.") % lengths)


class NothingToWaitFor(DriveRefused):
    message = _("There are no test drives on this day.")


class DayNotFull(DriveRefused):
    message = _("There are free times on this day. Choose one of them.")


class TooManyWaits(DriveRefused):
    message = _("You are on five waiting lists. Leave one to join another.")
