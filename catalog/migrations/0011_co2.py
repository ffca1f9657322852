from django.db import migrations, models


def _combined() -> models.Field:
    return models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="CO₂ emissions (g/km)")


def _depleted() -> models.Field:
    return models.PositiveSmallIntegerField(
        blank=True,
        help_text="of plug-in hybrids alone",
        null=True,
        verbose_name="CO₂ emissions, battery empty (g/km)",
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_markets_and_campaigns")]

    operations = [
        migrations.AddField(model_name="trim", name="co2_g_per_km", field=_combined()),
        migrations.AddField(model_name="trim", name="co2_depleted_g_per_km", field=_depleted()),
        migrations.AddField(model_name="historicaltrim", name="co2_g_per_km", field=_combined()),
        migrations.AddField(model_name="historicaltrim", name="co2_depleted_g_per_km", field=_depleted()),
    ]
