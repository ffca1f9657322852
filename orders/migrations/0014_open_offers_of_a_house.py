from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Dealers go on answering while the index is built.
    atomic = False

    dependencies = [("orders", "0013_shop_kept")]

    operations = [
        AddIndexConcurrently(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("answer", "")),
                fields=["dealership", "answer_due_at"],
                name="orders_assignment_desk",
            ),
        ),
    ]
