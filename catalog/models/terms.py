"""The words people find cars by."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .vehicle import Brand, VehicleModel


class SearchTerm(models.Model):
    """One way to write a brand, a model or a word of trim names: name, Chinese name, pinyin, initials or alias.

    `term` is folded (NFKC, lower case, no accents) and has no spaces: `model3`. Written only by
    `catalog.services.terms`.
    """

    class Kind(models.TextChoices):
        BRAND = "brand", _("brand")
        MODEL = "model", _("model")
        WORD = "word", _("word of trim names")

    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    term = models.CharField(_("term"), max_length=120)
    brand = models.ForeignKey(Brand, models.CASCADE, null=True, blank=True, related_name="search_terms")
    vehicle_model = models.ForeignKey(VehicleModel, models.CASCADE, null=True, blank=True, related_name="search_terms")
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)

    class Meta:
        verbose_name = _("search term")
        verbose_name_plural = _("search terms")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "term", "brand", "vehicle_model"],
                nulls_distinct=False,
                name="catalog_searchterm_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="brand", brand__isnull=False, vehicle_model__isnull=True)
                | Q(kind="model", brand__isnull=True, vehicle_model__isnull=False)
                | Q(kind="word", brand__isnull=True, vehicle_model__isnull=True),
                name="catalog_searchterm_target",
            ),
        ]
        indexes = [
            models.Index(OpClass("term", name="text_pattern_ops"), name="catalog_searchterm_prefix"),
            GinIndex(OpClass("term", name="gin_trgm_ops"), name="catalog_searchterm_similar"),
        ]

    def __str__(self) -> str:
        return self.term
