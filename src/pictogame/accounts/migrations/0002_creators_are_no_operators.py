"""Creators may have accounts, and no account is both a creator's and an operator's."""

from django.db import migrations, models


def forget_addresses(apps, schema_editor):
    """Operators sign in by name: an address that somebody wrote beside it was never read."""
    apps.get_model('accounts', 'User').objects.filter(is_staff=True).exclude(email='').update(email='')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'verbose_name': 'account'},
        ),
        migrations.RunPython(forget_addresses, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_staff', False), ('is_superuser', False)), models.Q(('email', ''), models.Q(('username__startswith', 'creator:'), _negated=True)), _connector='OR'), name='user_creator_is_no_operator'),
        ),
    ]
