from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """After the custom user model: extension operations reset type caches that look it up."""

    dependencies = [("markets", "0001_initial"), ("accounts", "0001_initial")]
    operations = [BtreeGistExtension(), TrigramExtension()]
