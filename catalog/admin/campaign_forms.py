"""What staff write of a campaign: its text, early-bird steps and quotas, checked against each other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Campaign, CampaignQuota, CampaignStep
from o2o_platform.interface.scoping import OwnRowsInline

from .forms import ReasonedForm

LONGEST_STORY = 10_000
SCOPE = ("trim", "city", "dealership")


class CampaignForm(ReasonedForm):
    class Meta:
        model = Campaign
        fields = "__all__"

    def clean_story(self) -> dict[str, str]:
        story = self.cleaned_data["story"] or {}
        is_fit = isinstance(story, dict) and all(
            isinstance(text, str) and len(text) <= LONGEST_STORY and "\x00" not in text for text in story.values()
        )
        if not is_fit:
            raise ValidationError(_('Write it as {"zh-hans": "…", "en": "…"}, at most 10,000 characters each.'))
        return story


class QuotaForm(forms.ModelForm):
    class Meta:
        model = CampaignQuota
        fields = (*SCOPE, "total")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.pk and "total" in data:
            self._check_taken(data)
        return data

    def _check_taken(self, data: dict[str, Any]) -> None:
        taken = CampaignQuota.objects.filter(pk=self.instance.pk).values_list("used", flat=True).first() or 0
        if data["total"] < taken:
            self.add_error("total", _("%(taken)s places are taken already.") % {"taken": taken})
        if taken and set(self.changed_data) & set(SCOPE):
            self.add_error(None, _("Places were taken from this quota: only its number can change."))


class QuotaFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        wholes = 0
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if not data or (self.can_delete and self._should_delete_form(form)):
                self._refuse_taken(form)
                continue
            is_whole = not any(data.get(name) for name in SCOPE)
            wholes += is_whole
            if is_whole and not form.instance.pk and self.instance.pk and self.instance.claims.exists():
                raise ValidationError(_("The quota for all is set before the first order, as it numbers the places."))
        # The steps' formset asks: early birds are counted by the quota for all.
        self.instance.has_whole_quota = bool(wholes)

    def _refuse_taken(self, form: forms.ModelForm) -> None:
        if form.instance.pk and CampaignQuota.objects.filter(pk=form.instance.pk, used__gt=0).exists():
            raise ValidationError(_("A quota from which places were taken stays."))


class StepFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.has_changed() and not self._should_delete_form(form)]
        if kept and not getattr(self.instance, "has_whole_quota", False):
            raise ValidationError(_("Early birds are counted by the quota for all cars: set one below."))


class QuotaInline(OwnRowsInline):
    """Without trim, city and dealership it is the quota for all. A car takes one of each that fits it."""

    model = CampaignQuota
    form, formset = QuotaForm, QuotaFormSet
    fields = (*SCOPE, "total", "taken")
    readonly_fields = ("taken",)
    autocomplete_fields = ("trim", "dealership")
    verbose_name_plural = gettext_lazy("Quotas: for all where no trim, city or dealership is named")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request)
        return rows.select_related("trim__vehicle_model__brand", "city", "dealership")

    def taken(self, quota: CampaignQuota) -> str:
        return f"{quota.used} / {quota.total}" if quota.pk else "–"

    taken.short_description = gettext_lazy("taken")  # type: ignore[attr-defined]


class StepInline(OwnRowsInline):
    model = CampaignStep
    formset = StepFormSet
    fields = ("places", "discount")
    verbose_name_plural = gettext_lazy("Early birds: the step with the fewest places that are left counts")
