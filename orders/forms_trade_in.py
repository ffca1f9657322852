"""What a buyer says of their own car to get an estimate for it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.vin import check_vin
from o2o_platform.interface.pictures import Picture, PictureRefused, read_picture

from .models import MOST_PHOTOS
from .models.trade_in import MOST_KM
from .services.trading import OwnCar

PHOTO_BYTES = 12_000_000
ALL_PHOTOS_BYTES = 24_000_000
WIDTHS = (480, 1600)
OLDEST = date(1920, 1, 1)


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to eight pictures, checked by content and written anew. Nothing is kept yet."""

    widget = PhotosInput

    def clean(self, data: list[UploadedFile], initial: Any = None) -> list[Picture]:
        uploads = [each for each in data if each] if isinstance(data, (list, tuple)) else []
        if len(uploads) > MOST_PHOTOS:
            raise ValidationError(_("At most %(count)s photos, please.") % {"count": MOST_PHOTOS})
        if sum(upload.size or 0 for upload in uploads) > ALL_PHOTOS_BYTES:
            limit = ALL_PHOTOS_BYTES // 1_000_000
            raise ValidationError(_("The photos together may have at most %(limit)s MB.") % {"limit": limit})
        return [self._read(upload) for upload in uploads]

    def _read(self, upload: UploadedFile) -> Picture:
        try:
            return read_picture(upload, widths=WIDTHS, max_bytes=PHOTO_BYTES)
        except PictureRefused as refusal:
            name = "".join(letter for letter in str(upload.name)[:60] if letter.isprintable())
            raise ValidationError(f"{name}: {' '.join(refusal.messages)}") from refusal


class TradeInForm(forms.Form):
    """`requires_check_digit` says whether the market's law has VINs carry one (China: GB 16735)."""

    vin = forms.CharField(
        label=_("VIN"),
        max_length=40,
        help_text=_("17 letters and digits, in the vehicle licence and below the windscreen."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    car = forms.CharField(
        label=_("Make and model"), max_length=120, help_text=_("For example Volkswagen Golf 1.4 TSI, automatic.")
    )
    first_registered_on = forms.DateField(
        label=_("First registration"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    mileage_km = forms.IntegerField(
        label=_("Mileage (km)"),
        min_value=0,
        max_value=MOST_KM,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    condition = forms.CharField(
        label=_("Condition"),
        max_length=2000,
        required=False,
        help_text=_("Accidents, damage, repairs, tyres: what the dealership should know."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    dealership = forms.ChoiceField(
        label=_("Dealership"), error_messages={"invalid_choice": _("Choose one of these dealerships.")}
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_("Up to 8, together at most 24 MB. Places and times stored in them are removed."),
        widget=PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def __init__(
        self,
        *args: Any,
        dealerships: list[tuple[str, str]],
        requires_check_digit: bool,
        today: date,
        has_photos: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.requires_check_digit, self.today = requires_check_digit, today
        self.fields["dealership"].choices = dealerships  # type: ignore[attr-defined]
        if not has_photos:
            del self.fields["photos"]

    def clean_vin(self) -> str:
        try:
            vin = self.cleaned_data["vin"].replace(" ", "").replace("-", "")
            return check_vin(vin, require_check_digit=self.requires_check_digit)
        except ValidationError as error:
            raise ValidationError(error.messages) from error

    def clean_first_registered_on(self) -> date:
        day: date = self.cleaned_data["first_registered_on"]
        if not OLDEST <= day <= self.today:
            raise ValidationError(gettext("This day is not possible."))
        return day

    @property
    def own_car(self) -> OwnCar:
        """The car as typed; only of a valid form."""
        names = ("vin", "car", "first_registered_on", "mileage_km", "condition")
        return OwnCar(**{name: self.cleaned_data[name] for name in names})

    @property
    def summary(self) -> list[dict[str, Any]]:
        """Every error with the name of its field, and the field to go to."""
        return [
            {
                "target": self[name].id_for_label,
                "text": gettext("%(field)s: %(error)s") % {"field": self[name].label, "error": text},
            }
            for name, texts in self.errors.items()
            for text in texts
        ]
