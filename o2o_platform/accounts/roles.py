"""What a person may do on the platform; what they may do for a dealership is `dealers.Membership`."""

from django.contrib.auth.models import AnonymousUser

from o2o_platform.accounts.models import StaffRole, User

Person = User | AnonymousUser


def is_platform(user: Person) -> bool:
    """Platform staff with every right."""
    return _works_here(user) and (user.is_superuser or user.staff_role == StaffRole.PLATFORM)


def is_finance(user: Person) -> bool:
    """Staff who may record and refund money: finance, and platform staff."""
    return is_platform(user) or (_works_here(user) and user.staff_role == StaffRole.FINANCE)


def is_read_only(user: Person) -> bool:
    """Staff who see everything and change nothing."""
    return _works_here(user) and not user.is_superuser and user.staff_role == StaffRole.READ_ONLY


def _works_here(user: Person) -> bool:
    return user.is_authenticated and user.is_active and user.is_staff
