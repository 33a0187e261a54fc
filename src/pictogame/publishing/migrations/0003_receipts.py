"""Receipts of deleted games, and what a CDN is told of them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_BY = [
    ("creator", "its creator, with the edit link"),
    ("owner", "the account that it belongs to"),
    ("command", "whoever runs the installation, by command"),
    ("moderator", "whoever runs the installation, in the office"),
    ("age", "nobody came back to it before it was published"),
]
_KIND = [
    ("page", "the page, written over with a notice"),
    ("object", "an object of the bucket"),
    ("original", "a picture as it was uploaded, in the vault"),
    ("rendition", "a form of a picture, in the vault"),
]


def _job():
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("due_at", models.DateTimeField(blank=True, db_index=True, null=True)),
        ("lease_until", models.DateTimeField(blank=True, null=True)),
        ("lease_token", models.CharField(blank=True, default="", max_length=32)),
        ("attempts", models.PositiveIntegerField(default=0)),
        ("faults", models.PositiveIntegerField(default=0)),
        ("set_aside_at", models.DateTimeField(blank=True, null=True)),
        ("problem", models.CharField(blank=True, default="", max_length=500)),
        ("cause", models.CharField(blank=True, default="", max_length=500)),
    ]


class Migration(migrations.Migration):
    dependencies = [("games", "0003_revisions_and_receipts"), ("publishing", "0002_line")]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                *_job(),
                (
                    "game",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="receipt", to="games.game"
                    ),
                ),
                ("by", models.CharField(choices=_BY, max_length=10)),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("page_key", models.CharField(blank=True, default="", max_length=200)),
                ("kept_pictures", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(finished_at=None) | Q(due_at=None), name="receipt_finished_is_not_due"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="ReceiptLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="publishing.receipt"
                    ),
                ),
                ("kind", models.CharField(choices=_KIND, max_length=10)),
                ("key", models.CharField(max_length=200)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                ("kept", models.BooleanField(default=False)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("browsers_until", models.DateTimeField(blank=True, null=True)),
                ("shared_until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["receipt", "kind", "key"], name="receipt_line_once"),
                    models.CheckConstraint(
                        condition=Q(confirmed_at=None) | Q(deleted_at__isnull=False, kept=False),
                        name="receipt_line_confirmed_was_deleted",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Purge",
            fields=[
                *_job(),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="purges", to="publishing.receipt"
                    ),
                ),
                ("addresses", models.JSONField()),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
