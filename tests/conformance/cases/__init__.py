"""All cases, in tables.

statuses, header_fields, framing, messages    what an app answers with
requests, uploads                             what a request becomes, bodies, and clients that go away
handshakes, websockets                        websockets, before and after they are open
lifespans                                     the lifespan
"""

from __future__ import annotations

from conformance.case import Case
from conformance.cases import (
    framing,
    handshakes,
    header_fields,
    lifespans,
    messages,
    requests,
    statuses,
    uploads,
    websockets,
)

#: Every case.
ALL: tuple[Case, ...] = (
    *statuses.CASES,
    *framing.CASES,
    *header_fields.CASES,
    *messages.CASES,
    *requests.CASES,
    *uploads.CASES,
    *handshakes.CASES,
    *websockets.CASES,
    *lifespans.CASES,
)

#: The cases by their names.
BY_NAME = {case.name: case for case in ALL}
assert len(BY_NAME) == len(ALL), "two cases have one name"
