from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_law_stands")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="shop",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=253, verbose_name="shop"
            ),
        ),
    ]
