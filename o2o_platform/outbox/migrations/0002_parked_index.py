from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("status", "parked")), fields=["next_attempt_at"], name="outbox_delivery_parked"
            ),
        ),
    ]
