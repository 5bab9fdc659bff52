"""docs/frameworks/django.md: its project is made, and its tests run, by Django's own runner."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import asgi_lockstep
from doc_commands import ROOT
from doc_pages import blocks_of

FILES = {block.file: block.text for block in blocks_of(ROOT / "docs" / "frameworks" / "django.md")}

#: What the project has besides, of which the page has nothing to say.
OTHERS = {
    "shop/__init__.py": "",
    "shop/tests/__init__.py": "",
    "shop/migrations/__init__.py": "",
    "shop/static/shop.css": "body { color: black; }\n",
    "shop/migrations/0001_initial.py": """
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "Note", [("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=100))]
        )
    ]
""",
}


def run(tmp_path: Path, **more: str) -> tuple[int, str]:
    """The exit code of Django's runner, and what it says."""
    for name, text in {**OTHERS, **FILES, **more}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = str(Path(asgi_lockstep.__file__).parents[1])
    said = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "test", "-v", "2", "--settings=shop.settings"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), source])},
        capture_output=True,
        text=True,
        check=False,
    )
    return said.returncode, said.stderr


def test_all_names_of_tests_the_page_pass(tmp_path: Path) -> None:
    """Each of them, with warnings as errors."""
    code, said = run(tmp_path)
    assert code == 0, said
    passed = re.findall(r"^(test_\w+) \(.*\.\.\. ok$", said, flags=re.MULTILINE)
    written = re.findall(r"^ +(?:async )?def (test_\w+)", "\n".join(FILES.values()), flags=re.MULTILINE)
    assert sorted(passed) == sorted(written)


#: What the page says of a sync test with a transaction, and why.
OF_A_TRANSACTION = """
from django.test import TestCase

from asgi_lockstep import TestClient
from shop.asgi import application
from shop.models import Note


class NotesTest(TestCase):
    def test_notes_are_not_seen(self) -> None:
        Note.objects.create(text="tea")
        with TestClient(application, lifespan="off") as client, self.assertLogs("django.request") as logs:
            self.assertEqual(client.get("/count").status_code, 500)
        self.assertIn("table is locked", logs.output[0])
"""


def test_a_sync_test_does_not_share_its_transaction(tmp_path: Path) -> None:
    """With SQLite, the application finds a table that is locked."""
    code, said = run(tmp_path, **{"shop/tests/test_transaction.py": OF_A_TRANSACTION})
    assert code == 0, said
    assert "test_notes_are_not_seen" in said
