from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("to_status", "delivered")),
                fields=["subject_type", "at"],
                include=("subject_id",),
                name="journal_event_delivered",
            ),
        ),
    ]
