import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_touches"), ("markets", "0002_extensions")]

    operations = [
        migrations.AddField(
            model_name="savedcar",
            name="market",
            field=models.ForeignKey(
                default="CN",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="markets.market",
                verbose_name="market",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="savedcar",
            name="seen_price",
            field=models.DecimalField(
                blank=True, decimal_places=2, editable=False, max_digits=12, null=True, verbose_name="price seen"
            ),
        ),
        migrations.AddField(
            model_name="savedcar",
            name="alerts_on",
            field=models.BooleanField(default=True, verbose_name="tell me"),
        ),
        migrations.AddField(
            model_name="savedcar",
            name="checked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="checked"),
        ),
        migrations.AddField(
            model_name="savedcar",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="told"),
        ),
        migrations.AddIndex(
            model_name="savedcar",
            index=models.Index(
                condition=models.Q(("alerts_on", True)), fields=["checked_at"], name="catalog_savedcar_due"
            ),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="gone",
            field=models.JSONField(default=dict, editable=False, verbose_name="gone"),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="told"),
        ),
    ]
