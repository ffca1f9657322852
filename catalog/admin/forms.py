"""Forms of the catalogue: what the database would refuse is said beside the field it is about."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.models import EnergyType, FinancePlan, Offer, Option, Photo, PriceRule, Trim
from catalog.services.photos import set_picture
from catalog.services.prices import deposit_problem
from o2o_platform.interface.pictures import PictureRefused

PICTURES = "image/jpeg,image/png,image/webp"


class ReasonedForm(forms.ModelForm):
    """Says why, for the history."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=100,
        help_text=_("kept in the history"),
        widget=UnfoldAdminTextInputWidget,
    )


class OptionForm(ReasonedForm):
    """Rules of an option that cannot hold together are refused."""

    class Meta:
        model = Option
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = {name: set(data.get(name) or ()) for name in ("requires", "excludes", "includes")}
        for name, options in chosen.items():
            if self.instance.pk and self.instance in options:
                self.add_error(name, _("An option cannot name itself."))
        for name in ("requires", "includes"):
            if both := chosen[name] & chosen["excludes"]:
                self.add_error("excludes", _("Also named above: %(names)s.") % {"names": ", ".join(map(str, both))})
        if self.instance.pk and self._is_within(chosen["includes"]):
            self.add_error("includes", _("A bundle cannot include itself, not even through another."))
        return data

    def _is_within(self, options: set[Option]) -> bool:
        """Whether this option is reached from `options` by what they include."""
        seen: set[int] = set()
        found = {option.pk for option in options}
        while found - seen:
            seen |= found
            found = set(Option.objects.filter(included_in__in=found).values_list("pk", flat=True))
            if self.instance.pk in found:
                return True
        return False


class OfferForm(ReasonedForm):
    """One offer at a time for a trim in a market, and deposits within the law."""

    class Meta:
        model = Offer
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if problem := deposit_problem(data.get("list_price"), data.get("deposit_kind"), data.get("deposit_amount")):
            self.add_error("deposit_amount", problem)
        if data.get("list_price") is not None and data["list_price"] <= 0:
            self.add_error("list_price", _("A price is more than nothing."))
        if all(data.get(name) for name in ("trim", "market", "validity")):
            self._check_overlap(data)
        return data

    def _check_overlap(self, data: dict[str, Any]) -> None:
        """Writers of one trim's offers wait for each other here, so what is found stays true until it is saved."""
        Trim.objects.select_for_update(of=("self",), no_key=True).get(pk=data["trim"].pk)
        others = Offer.objects.filter(trim=data["trim"], market=data["market"], validity__overlap=data["validity"])
        if other := others.exclude(pk=self.instance.pk).order_by("validity").first():
            from .prices import valid_days

            self.add_error(
                "validity",
                _("Another offer of %(price)s is valid then: %(days)s.")
                % {"price": other.list_price, "days": valid_days(other)},
            )


class PriceRuleForm(ReasonedForm):
    """A dated rule; energies are chosen, none means all."""

    energy_types = forms.MultipleChoiceField(
        label=_("Energy"),
        required=False,
        choices=EnergyType.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("none means all"),
    )

    class Meta:
        model = PriceRule
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("rate", "amount"):
            if data.get(name) is not None and data[name] < 0:
                self.add_error(name, _("Not less than nothing."))
        if data.get("relief_share") is not None and not 0 <= data["relief_share"] <= 1:
            self.add_error("relief_share", _("A share is between 0 and 1."))
        return data


class FinancePlanForm(ReasonedForm):
    """A lender's terms within what the platform can reckon with."""

    class Meta:
        model = FinancePlan
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        bounds = {"nominal_rate": (0, 1), "balloon_share": (0, 0.6), "min_down_share": (0, 0.8)}
        bounds |= {"max_down_share": (0, 0.8)}
        for name, (low, high) in bounds.items():
            if data.get(name) is not None and not low <= data[name] <= high:
                self.add_error(
                    name, _("A share between %(low)s and %(high)s; 0.05 is 5 %%.") % {"low": low, "high": high}
                )
        if data.get("fee") is not None and data["fee"] < 0:
            self.add_error("fee", _("Not less than nothing."))
        for low, high in (("min_months", "max_months"), ("min_down_share", "max_down_share")):
            if None not in (data.get(low), data.get(high)) and data[low] > data[high]:
                self.add_error(high, _("The largest is below the least."))
        return data


class PhotoForm(forms.ModelForm):
    """An upload is written anew before the row is saved; what is no photograph is refused beside the field."""

    class Meta:
        model = Photo
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "image" in self.fields:
            self.fields["image"].widget.attrs["accept"] = PICTURES

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        upload, colour, model = (data.get(name) for name in ("image", "colour", "vehicle_model"))
        if isinstance(upload, UploadedFile):
            self._read(upload)
        model_id = model.pk if model else self.instance.vehicle_model_id
        if colour and model_id and colour.vehicle_model_id != model_id:
            self.add_error("colour", _("This colour belongs to another model."))
        return data

    def _read(self, upload: UploadedFile) -> None:
        try:
            set_picture(self.instance, upload.file)
        except PictureRefused as refused:
            self.add_error("image", refused)
        else:
            # The row names the new files; the upload itself is not kept.
            self.cleaned_data["image"] = self.instance.image
