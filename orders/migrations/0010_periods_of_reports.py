from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_direct_finance")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["market", "placed_at"], name="orders_order_period"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["offered_at"], name="orders_assignment_period"),
        ),
    ]
