"""Which trims changed lately, written by triggers of the database."""

from __future__ import annotations

from django.db import models


class Touch(models.Model):
    """A trim whose place in the list of cars changed in a transaction: price, stock, figures or campaign.

    Rows are written by triggers, so whoever writes, by whatever way, is seen. A reader keeps the snapshot
    of its last look (`pg_current_snapshot()`) and takes the rows whose transaction it could not see then:
    unlike a time stamp, that loses no transaction that commits late. Swept after an hour.
    """

    pk = models.CompositePrimaryKey("xid", "trim_id")
    xid = models.BigIntegerField()
    trim_id = models.BigIntegerField()
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        indexes = [models.Index(fields=["at"], name="catalog_touch_at")]

    def __str__(self) -> str:
        return f"{self.xid} {self.trim_id}"
