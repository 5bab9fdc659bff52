"""What has happened between a test and its app: the classes behind `client.timeline`, for annotations and for files.

client.timeline.save("timeline.html")               a page to look at; .har, .svg, .txt, .trace.json, .jsonl, too
Timeline.load("timeline.jsonl").of("GET /notes")    what was saved, again
"""

from __future__ import annotations

__all__ = ("SourceLine", "Timeline", "TimelineEvent", "TimelineExchange")

from ._timeline.events import SourceLine, TimelineEvent, TimelineExchange
from ._timeline.timeline import Timeline

# Where people look for them, and what a traceback shows: the name that they are imported by.
for _name in __all__:
    globals()[_name].__module__ = __name__
