import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_vehicle_imports"),
        ("dealers", "0003_dealers_side"),
        ("markets", "0002_extensions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="stockunit",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Reverse("vin"), name="text_pattern_ops"
                ),
                name="catalog_stock_vin_end",
            ),
        ),
    ]
