"""Brand → vehicle model → trim, with colours and options."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from catalog.co2 import co2_class
from o2o_platform.markets.models import local_label, usual_label


class BodyType(models.TextChoices):
    CITY_CAR = "city_car", _("City car")
    HATCHBACK = "hatchback", _("Hatchback")
    SEDAN = "sedan", _("Sedan")
    WAGON = "wagon", _("Wagon")
    SUV = "suv", _("SUV")
    COUPE = "coupe", _("Coupe")
    MPV = "mpv", _("MPV")
    PICKUP = "pickup", _("Pickup")


class EnergyType(models.TextChoices):
    PETROL = "petrol", _("Petrol")
    DIESEL = "diesel", _("Diesel")
    MHEV = "mhev", _("Mild hybrid")
    HEV = "hev", _("Hybrid")
    PHEV = "phev", _("Plug-in hybrid")
    EREV = "erev", _("Range extender")
    BEV = "bev", _("Electric")
    FCEV = "fcev", _("Fuel cell")


class Drivetrain(models.TextChoices):
    FWD = "fwd", _("Front-wheel drive")
    RWD = "rwd", _("Rear-wheel drive")
    AWD = "awd", _("All-wheel drive")


PLUG_INS = (EnergyType.PHEV, EnergyType.EREV)
ENGINELESS = (EnergyType.BEV, EnergyType.FCEV)
ONLY_PLUG_INS = _("Only plug-in hybrids have a figure with the battery empty, beside the combined one.")


class RangeCycle(models.TextChoices):
    """Test cycle of a range or consumption figure; figures of different cycles are never compared."""

    NEDC = "NEDC", "NEDC"
    WLTC = "WLTC", "WLTC"
    WLTP = "WLTP", "WLTP"
    CLTC = "CLTC", "CLTC"
    EPA = "EPA", "EPA"


class Named(models.Model):
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return local_label(self.name, self.name_zh, "zh")


class UsuallyNamed(Named):
    """What many makers call alike; names of their own, as a model's, are never translated."""

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        return usual_label(self.name, self.name_zh)


def aliases_field() -> ArrayField:
    """Other names people search by, such as nicknames and old spellings."""
    return ArrayField(
        models.CharField(max_length=60), verbose_name=_("also called"), default=list, db_default=[], blank=True
    )


class Brand(Named):
    """A make, for example Haval."""

    slug = models.SlugField(_("code"), unique=True)
    aliases = aliases_field()

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name"]


class VehicleModel(Named):
    """A model line of a brand, for example Haval H2."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="vehicle_models", verbose_name=_("brand"))
    slug = models.SlugField(_("code"), max_length=80, unique=True, help_text=_("brand and model, for example haval-h2"))
    body_type = models.CharField(_("body"), max_length=10, choices=BodyType)
    aliases = aliases_field()

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["brand__name", "name"]
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="catalog_model_once_per_brand")]


class Trim(Named):
    """What has a price: one version of a model and model year.

    Lengths in mm, power in kW, torque in Nm, battery in kWh, electric range in km and
    consumption in l/100 km, each with the cycle it was measured in.
    """

    vehicle_model = models.ForeignKey(VehicleModel, models.PROTECT, related_name="trims", verbose_name=_("model"))
    code = models.SlugField(_("code"), max_length=120, unique=True)
    model_year = models.PositiveSmallIntegerField(_("model year"))
    energy_type = models.CharField(_("energy"), max_length=6, choices=EnergyType)
    seats = models.PositiveSmallIntegerField(_("seats"))
    doors = models.PositiveSmallIntegerField(_("doors"), null=True, blank=True)
    length_mm = models.PositiveIntegerField(_("length (mm)"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("width (mm)"), null=True, blank=True)
    height_mm = models.PositiveIntegerField(_("height (mm)"), null=True, blank=True)
    wheelbase_mm = models.PositiveIntegerField(_("wheelbase (mm)"), null=True, blank=True)
    engine_displacement_l = models.DecimalField(
        _("displacement (L)"), max_digits=4, decimal_places=2, null=True, blank=True
    )
    power_kw = models.PositiveIntegerField(_("power (kW)"), null=True, blank=True)
    torque_nm = models.PositiveIntegerField(_("torque (Nm)"), null=True, blank=True)
    transmission = models.CharField(_("transmission"), max_length=20, blank=True)
    drivetrain = models.CharField(_("drive"), max_length=3, choices=Drivetrain, blank=True)
    battery_kwh = models.DecimalField(_("battery (kWh)"), max_digits=6, decimal_places=2, null=True, blank=True)
    electric_range_km = models.PositiveIntegerField(_("electric range (km)"), null=True, blank=True)
    range_cycle = models.CharField(_("range cycle"), max_length=4, choices=RangeCycle, blank=True)
    fuel_l_per_100km = models.DecimalField(
        _("consumption (l/100 km)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    fuel_cycle = models.CharField(_("consumption cycle"), max_length=4, choices=RangeCycle, blank=True)
    # By WLTP: combined, of plug-in hybrids weighted by use; and what those emit with the battery empty.
    co2_g_per_km = models.PositiveSmallIntegerField(_("CO₂ emissions (g/km)"), null=True, blank=True)
    co2_depleted_g_per_km = models.PositiveSmallIntegerField(
        _("CO₂ emissions, battery empty (g/km)"), null=True, blank=True, help_text=_("of plug-in hybrids alone")
    )
    accel_0_100_s = models.DecimalField(_("0-100 km/h (s)"), max_digits=4, decimal_places=1, null=True, blank=True)
    top_speed_kmh = models.PositiveIntegerField(_("top speed (km/h)"), null=True, blank=True)
    source_note = models.CharField(_("source of the figures"), max_length=300, blank=True)
    is_published = models.BooleanField(_("published"), default=True)
    publish_at = models.DateTimeField(
        _("publish at"), null=True, blank=True, help_text=_("goes public at this moment by itself")
    )
    options = models.ManyToManyField("Option", blank=True, related_name="trims", verbose_name=_("options"))
    term_ids = ArrayField(
        models.IntegerField(),
        default=list,
        db_default=[],
        editable=False,
        help_text=_("words of its names, see SearchTerm"),
    )

    history = HistoricalRecords(m2m_fields=[options], excluded_fields=["term_ids"])

    class Meta:
        verbose_name = _("trim")
        verbose_name_plural = _("trims")
        ordering = ["vehicle_model", "-model_year", "id"]
        constraints = [
            models.UniqueConstraint(fields=["vehicle_model", "model_year", "name"], name="catalog_trim_once"),
            models.CheckConstraint(condition=Q(model_year__range=(1990, 2100)), name="catalog_trim_model_year"),
            models.CheckConstraint(condition=Q(seats__range=(1, 9)), name="catalog_trim_seats"),
            models.CheckConstraint(
                condition=Q(electric_range_km__isnull=True) | ~Q(range_cycle=""), name="catalog_trim_range_has_cycle"
            ),
        ]
        indexes = [
            models.Index(fields=["vehicle_model", "energy_type", "seats"], name="catalog_trim_facets"),
            models.Index(
                fields=["publish_at"],
                condition=Q(is_published=False, publish_at__isnull=False),
                name="catalog_trim_to_publish",
            ),
        ]

    def clean(self) -> None:
        """Two figures of CO₂ are for cars that drive in two ways."""
        if self.co2_depleted_g_per_km is not None and (self.energy_type not in PLUG_INS or self.co2_g_per_km is None):
            raise ValidationError({"co2_depleted_g_per_km": ONLY_PLUG_INS})

    @property
    def co2(self) -> int | None:
        """Combined emissions in g/km; none come out of a car without an engine."""
        return 0 if self.energy_type in ENGINELESS and self.co2_g_per_km is None else self.co2_g_per_km

    @property
    def co2_class(self) -> str:
        return co2_class(self.co2)

    @property
    def co2_class_depleted(self) -> str:
        """The second class of a plug-in hybrid; "" of others."""
        return co2_class(self.co2_depleted_g_per_km)

    @property
    def label(self) -> str:
        """With its model year, as each language puts it."""
        return gettext("%(year)s %(trim)s") % {"year": self.model_year, "trim": super().label}


hex_colour = RegexValidator(r"^#[0-9a-f]{6}\Z", _("A colour is written like #1a2b3c."))


class Colour(UsuallyNamed):
    """A paint a model comes in."""

    vehicle_model = models.ForeignKey(VehicleModel, models.CASCADE, related_name="colours", verbose_name=_("model"))
    code = models.SlugField(_("code"), max_length=30)
    hex = models.CharField(_("paint"), max_length=7, validators=[hex_colour])

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("colour")
        verbose_name_plural = _("colours")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["vehicle_model", "code"], name="catalog_colour_once_per_model")]


class Option(UsuallyNamed):
    """An extra; `requires` and `excludes` name other options by rule, `includes` makes it a bundle of others.

    A bundle's price stands for all it includes.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    requires = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="required_by", verbose_name=_("requires")
    )
    excludes = models.ManyToManyField("self", blank=True, verbose_name=_("excludes"))
    includes = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="included_in", verbose_name=_("includes")
    )

    history = HistoricalRecords(m2m_fields=[requires, excludes, includes])

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["id"]


class SurchargePrice(models.Model):
    """What a colour or option adds in one market, VAT included, in the market's currency."""

    market = models.ForeignKey("markets.Market", models.PROTECT, related_name="+", verbose_name=_("market"))
    amount = models.DecimalField(_("price"), max_digits=12, decimal_places=2)

    class Meta:
        abstract = True


class ColourPrice(SurchargePrice):
    colour = models.ForeignKey(Colour, models.CASCADE, related_name="prices", verbose_name=_("colour"))

    class Meta:
        verbose_name = _("colour price")
        verbose_name_plural = _("colour prices")
        constraints = [
            models.UniqueConstraint(fields=["colour", "market"], name="catalog_colourprice_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="catalog_colourprice_amount"),
        ]


class OptionPrice(SurchargePrice):
    option = models.ForeignKey(Option, models.CASCADE, related_name="prices", verbose_name=_("option"))

    class Meta:
        verbose_name = _("option price")
        verbose_name_plural = _("option prices")
        constraints = [
            models.UniqueConstraint(fields=["option", "market"], name="catalog_optionprice_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="catalog_optionprice_amount"),
        ]
