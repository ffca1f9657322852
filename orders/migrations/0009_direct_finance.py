from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_law_kept_on_orders"),
    ]

    operations = [
        migrations.AddField(
            model_name="directsale",
            name="finance",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Without a loan"),
                    ("asked", "Loan asked for"),
                    ("approved", "Loan approved"),
                    ("declined", "Loan declined"),
                ],
                db_default="",
                default="",
                max_length=8,
                verbose_name="loan",
            ),
        ),
        migrations.AddField(
            model_name="directsale",
            name="finance_note",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="reason"),
        ),
        migrations.AddConstraint(
            model_name="directsale",
            constraint=models.CheckConstraint(
                condition=Q(finance="") | Q(finance_plan__isnull=False), name="orders_directsale_finance"
            ),
        ),
        migrations.AddConstraint(
            model_name="directsale",
            constraint=models.CheckConstraint(
                condition=Q(returned_at__isnull=True)
                | Q(return_asked_at__isnull=False, return_odometer_km__isnull=False, return_charge__gte=0),
                name="orders_directsale_returned",
            ),
        ),
    ]
