"""Bodies of requests and responses as HAR has them, and the fields of forms."""

from __future__ import annotations

import base64
import codecs
import re
import zlib
from typing import Any
from urllib.parse import parse_qsl

from .recorded_bytes import Body, HeaderLine, value_of

#: What browsers write where no header says what a body is.
UNKNOWN_TYPE = "x-unknown"

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="([^"]*)"', re.IGNORECASE)
_FILE_NAME = re.compile(rb'[;\s]filename="([^"]*)"', re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"^content-type:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)

#: What zlib adds to the size of its window to find out by itself whether it reads gzip or zlib.
_EITHER = 32 + zlib.MAX_WBITS


def text_of(body: Body) -> dict[str, str]:
    """`text` of a body, and `encoding` where its bytes are no text; nothing of an empty one."""
    if not body.data:
        return {}
    try:
        # A character that is cut in two is left out.
        return {"text": codecs.getincrementaldecoder("utf-8")().decode(body.data, final=not body.cut)}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body.data).decode(), "encoding": "base64"}


def content(lines: list[HeaderLine], body: Body) -> dict[str, Any]:
    """`content` of a response: its body, unpacked if it is there as a whole."""
    unpacked = _unpacked(body, value_of(lines, "content-encoding"))
    made: dict[str, Any] = {"size": unpacked.size, "mimeType": value_of(lines, "content-type") or UNKNOWN_TYPE}
    if unpacked is not body:
        made["compression"] = unpacked.size - body.size
    made.update(text_of(unpacked))
    if unpacked.cut and unpacked.size:
        made["comment"] = unpacked.comment
    return made


def _unpacked(body: Body, encoding: str) -> Body:
    """HAR has the content as who reads it sees it; the size on the way is `bodySize`."""
    if encoding.strip().lower() in ("gzip", "x-gzip", "deflate") and body.data and not body.cut:
        try:
            data = zlib.decompress(body.data, _EITHER)
        except zlib.error:
            return body
        return Body(data, len(data))
    return body


def post_data(lines: list[HeaderLine], body: Body) -> dict[str, Any]:
    """`postData` of a request that has a body.

    HAR wants either `text` or `params`; browsers write both for forms, and take a file without `text` for one with
    the text "undefined". For bytes that are no text HAR has no word: they are base64, and `_encoding` says so.
    """
    mime_type = value_of(lines, "content-type")
    text = text_of(body)
    made: dict[str, Any] = {"mimeType": mime_type, "text": text.get("text", "")}
    params = _params(mime_type, body)
    if params is not None:
        made["params"] = params
    if "encoding" in text:
        made["_encoding"] = text["encoding"]
    if body.cut:
        made["comment"] = body.comment
    return made


def _params(mime_type: str, body: Body) -> list[dict[str, str]] | None:
    """The fields of a form, None for other bodies."""
    kind = mime_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        text = body.data.decode("utf-8", "replace")
        return [{"name": name, "value": value} for name, value in parse_qsl(text, keep_blank_values=True)]
    boundary = _BOUNDARY.search(mime_type)
    if kind == "multipart/form-data" and boundary:
        return _fields(body.data, boundary[1].encode())
    return None


def _fields(data: bytes, boundary: bytes) -> list[dict[str, str]]:
    """The fields of a form with files (RFC 7578); of files HAR has the name and the type."""
    fields = []
    for part in (b"\r\n" + data).split(b"\r\n--" + boundary)[1:]:
        head, found, value = part.partition(b"\r\n\r\n")
        name, file_name, kind = (pattern.search(head) for pattern in (_NAME, _FILE_NAME, _CONTENT_TYPE))
        if not found or not name:
            continue
        field = {"name": name[1].decode(errors="replace")}
        if file_name:
            field["fileName"] = file_name[1].decode(errors="replace")
        else:
            field["value"] = value.decode(errors="replace")
        if kind:
            field["contentType"] = kind[1].strip().decode(errors="replace")
        fields.append(field)
    return fields
