"""Models and migrations say the same, and a room keeps its tables in few files."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_changed_without_a_migration() -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    except SystemExit as missing:
        assert missing.code == 0, "a model was changed without its migration"
