"""Demo staff: the platform's, every dealership's and a group's. One shared password, for development."""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from dealers.models import DealerGroup, Dealership, GroupMembership, Membership
from o2o_platform.accounts.models import StaffRole, User

SHARED_LOGIN = os.environ.get("DEMO_PASSWORD", "showroom-2026")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗"
_GIVEN = (
    "伟",
    "芳",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "晓东",
    "雨桐",
    "子涵",
    "思远",
)
_LATIN = (
    "Anna Weber",
    "Jonas Keller",
    "Marta Nowak",
    "Piotr Zielinski",
    "Lena Hoffmann",
    "Tomasz Wrona",
    "Paul Brandt",
)
_PLATFORM = (
    ("admin@example.com", "平台管理员", StaffRole.PLATFORM, True),
    ("finance@example.com", "财务专员", StaffRole.FINANCE, False),
    ("reader@example.com", "数据分析员", StaffRole.READ_ONLY, False),
)


_GROUP = ("demo-north", "Demo North Group", ("CN-BAO-009", "CN-BEI-001"))
_GROUP_MANAGER = ("group.north@example.com", "赵敏")
# The most each may take off the list price in a quote, in percent.
_DISCOUNTS = {Membership.Role.MANAGER: 6, Membership.Role.ADVISOR: 2}


def staff_email(role: str, dealership: Dealership) -> str:
    """`advisor.bao009@example.com` of CN-BAO-009."""
    return f"{role}.{''.join(dealership.code.lower().split('-')[1:])}@example.com"


def seed_staff(dealerships: Sequence[Dealership]) -> None:
    """Platform staff, a dealership's own people, and a group's manager. People who exist are left alone."""
    wanted = {email: (name, role, is_superuser) for email, name, role, is_superuser in _PLATFORM}
    people = {}
    for dealership in dealerships:
        for number, (word, role) in enumerate(_POSTS):
            people[staff_email(word, dealership)] = (dealership, role, number)
    known = set(User.objects.filter(email__in=[*wanted, *people]).values_list("email", flat=True))
    password = make_password(SHARED_LOGIN)
    new = [
        User(email=email, name=name, staff_role=role, is_superuser=is_superuser, is_staff=True, password=password)
        for email, (name, role, is_superuser) in wanted.items()
        if email not in known
    ]
    for email, (dealership, _role, _number) in people.items():
        if email not in known:
            name, language = _person(email, dealership)
            new.append(User(email=email, name=name, language=language, is_staff=True, password=password))
    User.objects.bulk_create(new)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in new
    )
    Membership.objects.bulk_create(
        (
            Membership(
                user=user,
                dealership=people[user.email][0],
                role=people[user.email][1],
                discount_limit_percent=_DISCOUNTS.get(people[user.email][1], 0),
            )
            for user in new
            if user.email in people
        ),
        ignore_conflicts=True,
    )


_POSTS = (
    ("manager", Membership.Role.MANAGER),
    ("advisor", Membership.Role.ADVISOR),
    ("advisor2", Membership.Role.ADVISOR),
    ("finance", Membership.Role.FINANCE),
    ("reader", Membership.Role.READ_ONLY),
)


def seed_group() -> None:
    """Two dealerships run together, and the person who manages both; nothing is changed once it is there."""
    code, name, places = _GROUP
    group, is_new = DealerGroup.objects.get_or_create(code=code, defaults={"name": name})
    if not is_new:
        return
    Dealership.objects.filter(code__in=places).update(group=group)
    email, person = _GROUP_MANAGER
    manager, is_new = User.objects.get_or_create(
        email=email, defaults={"name": person, "is_staff": True, "password": make_password(SHARED_LOGIN)}
    )
    if is_new:
        EmailAddress.objects.create(user=manager, email=email, verified=True, primary=True)
    GroupMembership.objects.get_or_create(group=group, user=manager)


def _person(email: str, dealership: Dealership) -> tuple[str, str]:
    random = Random(email)
    if dealership.market_id == "CN":
        return random.choice(_SURNAMES) + random.choice(_GIVEN), "zh-hans"
    return random.choice(_LATIN), "en"


def list_accounts(dealerships: Sequence[Dealership]) -> list[tuple[str, str, str]]:
    """E-mail, role and place of the platform's staff and of the dealerships given, in that order."""
    emails = [email for email, *_ in _PLATFORM]
    platform = {user.email: user for user in User.objects.filter(email__in=emails)}
    rows = [(email, str(platform[email].get_staff_role_display()), "-") for email in emails if email in platform]
    of_group = GroupMembership.objects.filter(user__email=_GROUP_MANAGER[0]).select_related("user", "group")
    rows += [(member.user.email, str(member.get_role_display()), member.group.name) for member in of_group]
    members = Membership.objects.filter(dealership__in=dealerships, is_active=True).select_related("user", "dealership")
    by_email = {member.user.email: member for member in members}
    for dealership in dealerships:
        for word, _role in _POSTS:
            if member := by_email.get(staff_email(word, dealership)):
                rows.append((member.user.email, str(member.get_role_display()), dealership.name))
    return rows
