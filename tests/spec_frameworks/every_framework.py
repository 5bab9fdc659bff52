"""All frameworks that these tests know."""

from __future__ import annotations

from typing import Final

from spec_frameworks.blacksheep_app import BLACKSHEEP
from spec_frameworks.django_app import DJANGO
from spec_frameworks.falcon_app import FALCON
from spec_frameworks.fastapi_app import FASTAPI
from spec_frameworks.litestar_app import LITESTAR
from spec_frameworks.quart_app import QUART
from spec_frameworks.starlette_app import STARLETTE

FRAMEWORKS: Final = {
    framework.name: framework for framework in (STARLETTE, FASTAPI, DJANGO, LITESTAR, QUART, FALCON, BLACKSHEEP)
}
