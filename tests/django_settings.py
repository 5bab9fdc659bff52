"""The settings of Django, which a process can make only once: what an application has of its own is laid over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def django_settings(**settings: Any) -> Iterator[None]:
    """Django, set up, with these settings inside of the block; each of its applications has to be made and used there.

    Args:
        settings: by their names, `ROOT_URLCONF` for one.
    """
    import django
    from django.conf import settings as of_the_process

    if not of_the_process.configured:
        of_the_process.configure(ALLOWED_HOSTS=["testserver"], SECRET_KEY="not one", USE_TZ=True)
        django.setup()
    from django.test import override_settings

    with override_settings(**settings):
        yield
