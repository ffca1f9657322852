from django.db import migrations, models
from django.db.models import F, TextField
from django.db.models.functions import Cast


def name_by_id(apps, schema_editor):
    change = apps.get_model("dealers", "DealerChange")
    change.objects.filter(dedupe_key="").update(dedupe_key=Cast(F("id"), TextField()))


class Migration(migrations.Migration):
    dependencies = [("dealers", "0003_dealers_side")]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="alerted_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="dealerchange",
            name="dedupe_key",
            field=models.CharField(default="", editable=False, max_length=140),
            preserve_default=False,
        ),
        migrations.RunPython(name_by_id, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="dealerchange",
            constraint=models.UniqueConstraint(fields=("dealership", "dedupe_key"), name="dealers_change_once"),
        ),
    ]
