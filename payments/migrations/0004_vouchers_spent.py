from django.db import migrations, models

METHODS = [
    ("online", "Online"),
    ("cash", "Cash"),
    ("card", "Card at the counter"),
    ("transfer", "Bank transfer"),
    ("loan", "Car loan"),
]


class Migration(migrations.Migration):
    """A voucher spent is a payment of the order's balance by a method of its own."""

    dependencies = [("payments", "0003_vouchers_and_breach")]

    operations = [
        migrations.AlterField(
            model_name="payment",
            name="method",
            field=models.CharField(
                choices=[*METHODS, ("voucher", "Voucher")], default="online", max_length=8, verbose_name="method"
            ),
        ),
        migrations.RemoveConstraint(model_name="payment", name="payments_payment_of_one"),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(order__isnull=False, voucher__isnull=True)
                & ~models.Q(purpose="voucher")
                & ~models.Q(method="voucher")
                | models.Q(order__isnull=True, voucher__isnull=False, purpose="voucher", method="online")
                | models.Q(order__isnull=False, voucher__isnull=False, purpose="balance", method="voucher"),
                name="payments_payment_of_one",
            ),
        ),
    ]
