from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_found_by_vin_ending"),
        ("dealers", "0006_offered_car"),
        ("markets", "0002_extensions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="stockunit",
            index=models.Index(
                condition=models.Q(("stage", "in_store"), _negated=True),
                fields=["expected_on"],
                name="catalog_stock_expected",
            ),
        ),
    ]
