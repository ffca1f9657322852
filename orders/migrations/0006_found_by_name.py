import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_found_by_vin_ending"),
        ("dealers", "0003_dealers_side"),
        ("markets", "0002_extensions"),
        ("orders", "0005_showroom"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower("buyer_name"), name="text_pattern_ops"
                ),
                name="orders_order_name_start",
            ),
        ),
    ]
