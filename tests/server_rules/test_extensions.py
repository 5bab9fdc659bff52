"""What `extensions.rst` and `tls.rst` ask of a server that offers them."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import answers, body, start
from matrix import Driver
from server_rules.looks import http_scope, websocket_scope

pytestmark = pytest.mark.client_decides

LINK = b"</style.css>; rel=preload"
CHAIN = ["-----BEGIN CERTIFICATE-----\n...", "-----BEGIN CERTIFICATE-----\n..."]


def is_offered(driver: Driver, name: str) -> list[Any]:
    """What the scope of a request says of an extension, by default and if the test offers it."""
    scopes = [http_scope(driver), http_scope(driver, extensions=[name])]
    return [scope["extensions"].get(name) for scope in scopes]


def tls_of(driver: Driver, **says: Any) -> dict[str, Any]:
    """What the scope of a request over TLS says of it, by default and in the words of the test."""
    scope = http_scope(driver, "https://testserver/", extensions={"tls": says})
    tls: dict[str, Any] = scope["extensions"]["tls"]
    return tls


def test_a_denial_response_is_offered(driver: Driver) -> None:
    """EX-DEN-01: each websocket offers denial responses, by an empty dict."""
    assert websocket_scope(driver)["extensions"] == {"websocket.http.response": {}}


def test_a_push_is_offered(driver: Driver) -> None:
    """EX-PUSH-01: pushes are offered by an empty dict, where the test wants them."""
    assert is_offered(driver, "http.response.push") == [None, {}]


def test_zero_copy_send_is_offered(driver: Driver) -> None:
    """EX-ZC-01: zero-copy send is offered by an empty dict, where the test wants it."""
    assert is_offered(driver, "http.response.zerocopysend") == [None, {}]


def test_path_send_is_offered(driver: Driver) -> None:
    """EX-PATH-01: path send is offered by an empty dict, where the test wants it."""
    assert is_offered(driver, "http.response.pathsend") == [None, {}]


def test_an_early_hint_is_offered(driver: Driver) -> None:
    """EX-HINT-01: early hints are offered by an empty dict, where the test wants them."""
    assert is_offered(driver, "http.response.early_hint") == [None, {}]


def test_an_early_hint_reaches_the_client(driver: Driver) -> None:
    """EX-HINT-04: the links of an early hint reach the client apart from the response, whose status stays."""
    app = answers(start(), {"type": "http.response.early_hint", "links": [LINK]}, body(b"page"))
    response = driver.client(app, extensions=["http.response.early_hint"]).get("/")
    assert (response.status_code, response.content) == (200, b"page")
    assert response.extensions["http.response.early_hint"] == [{"links": [LINK]}]


def test_trailers_are_offered(driver: Driver) -> None:
    """EX-TR-01: trailers are offered by an empty dict, where the test wants them."""
    assert is_offered(driver, "http.response.trailers") == [None, {}]


def test_debug_is_offered(driver: Driver) -> None:
    """EX-DBG-01: what an app shows to tests is offered by an empty dict, by default."""
    assert http_scope(driver)["extensions"] == {"http.response.debug": {}}


def test_tls_is_offered_where_there_is_tls(driver: Driver) -> None:
    """TLS-01: TLS is there on a connection with TLS alone: not on "http" or "ws", whatever the test offers."""
    offered: Any = {"extensions": ["tls"]}
    there = [
        "tls" in scope["extensions"]
        for scope in (
            http_scope(driver, **offered),
            websocket_scope(driver, client=offered),
            http_scope(driver, "https://testserver/", **offered),
            websocket_scope(driver, "wss://testserver/", client=offered),
        )
    ]
    assert there == [False, False, True, True]


def test_certificate_of_the_server(driver: Driver) -> None:
    """TLS-02: the certificate of the server is always there: None, or a str that the test gives."""
    given = tls_of(driver, server_cert=CHAIN[0])
    assert (tls_of(driver)["server_cert"], given["server_cert"]) == (None, CHAIN[0])


def test_certificates_of_the_client(driver: Driver) -> None:
    """TLS-03: the chain of the client is empty, or what the test gives, the client's own certificate first."""
    given = tls_of(driver, client_cert_chain=CHAIN, client_cert_name="CN=ada")
    assert (list(tls_of(driver)["client_cert_chain"]), given["client_cert_chain"]) == ([], CHAIN)


def test_name_of_the_client(driver: Driver) -> None:
    """TLS-04: the name of the client is None as long as there is no chain, and what the test gives with one."""
    given = tls_of(driver, client_cert_chain=CHAIN, client_cert_name="CN=ada")
    assert (tls_of(driver)["client_cert_name"], given["client_cert_name"]) == (None, "CN=ada")


def test_error_of_the_certificate(driver: Driver) -> None:
    """TLS-05: what is wrong with the certificate of the client is None, or a str that the test gives."""
    given = tls_of(driver, client_cert_error="expired")
    assert (tls_of(driver)["client_cert_error"], given["client_cert_error"]) == (None, "expired")


def test_version_of_tls(driver: Driver) -> None:
    """TLS-06: the version of TLS is always there: None, or an int that the test gives."""
    assert (tls_of(driver)["tls_version"], tls_of(driver, tls_version=0x0304)["tls_version"]) == (None, 0x0304)


def test_cipher_suite(driver: Driver) -> None:
    """TLS-07: the cipher suite is always there: None, or an int of 16 bits that the test gives."""
    assert (tls_of(driver)["cipher_suite"], tls_of(driver, cipher_suite=0x1301)["cipher_suite"]) == (None, 0x1301)
