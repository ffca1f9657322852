"""Groups of dealerships and who works at all of them: the platform's to say, since it opens many houses at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import Part
from o2o_platform.interface.scoping import FactsInline, PlatformAdmin

from ..models import DealerGroup, Dealership, GroupMembership
from .house import MemberForm

READERS = frozenset({Part.READ_ONLY})


class DealershipInline(FactsInline):
    model = Dealership
    fields = ("code", "label", "city", "is_active")
    verbose_name_plural = _("dealerships")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("name"))
    def label(self, dealership: Dealership) -> str:
        return dealership.label


@admin.register(DealerGroup)
class DealerGroupAdmin(PlatformAdmin):
    """A dealership joins a group on its own page."""

    viewers = READERS
    list_display = ("name", "code")
    search_fields = ("code", "name")
    inlines = (DealershipInline,)


class GroupMemberForm(MemberForm):
    """A new member of a group, named by an e-mail address too."""

    class Meta:
        model = GroupMembership
        fields = ("group", "role", "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned = forms.ModelForm.clean(self) or self.cleaned_data
        person, group = getattr(self.instance, "user_id", None), cleaned.get("group")
        if person and group and GroupMembership.objects.filter(user_id=person, group=group).exists():
            raise forms.ValidationError(_("This person is a member of this group already."))
        return cleaned


@admin.register(GroupMembership)
class GroupMembershipAdmin(PlatformAdmin):
    viewers = READERS
    list_display = ("user", "group", "role", "is_active")
    list_filter = ("role", "is_active", "group")
    list_select_related = ("user", "group")
    search_fields = ("user__name", "user__email", "group__name")

    def get_form(
        self, request: HttpRequest, obj: GroupMembership | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None and self.has_add_permission(request):
            kwargs["form"] = GroupMemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: GroupMembership | None = None) -> tuple[str, ...]:
        return ("email" if obj is None else "user", "group", "role", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: GroupMembership | None = None) -> tuple[str, ...]:
        return () if obj is None else ("user", "group")
