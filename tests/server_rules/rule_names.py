"""The rules that ASGI has for servers: their ids, each in a line of ours, and those that have no test here.

The ids are those of a list that was made of the specification: its part (`HS` is the scope of HTTP), and a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Each rule that binds a server.
RULES: Final[Mapping[str, str]] = {
    # Of every protocol.
    "CORE-02": "the app is called once for a lifespan, a request, a websocket",
    "CORE-03": "each scope is a dict",
    "CORE-04": "each scope names its protocol in a str, as its type",
    "CORE-05": "each scope has the version of ASGI that is spoken",
    "CORE-06": "each scope may have the version of its own specification, as a str",
    "CORE-07": "the keys of scopes and events are str, at every depth",
    "CORE-08": "receive() is awaited without an argument, and gives one event, a dict",
    "CORE-14": "send() raises for an unknown type, a missing key, a value of the wrong type",
    "CORE-17": "where the app raises, its connection ends with it: a response is cut off, a websocket lost",
    "CORE-18": "a message to a client that has gone is no error, where the announced version names none",
    "CORE-19": "what send() raises because the client has gone does no harm where it comes out of the app",
    "CORE-20": "what a scope says of extensions is a dict from a name to a dict",
    "CORE-24": "apps of two callables, as ASGI 2 had them, are still called",
    # HTTP: the scope.
    "HS-01": 'the type of a request is "http"',
    "HS-02": "a request has the version of ASGI, a str",
    "HS-03": "a request has the version of the HTTP specification, a str; another one where the test says so",
    "HS-04": "the version of HTTP is a str out of those that there are",
    "HS-05": "the method is in upper case, however the test has written it",
    "HS-06": "the scheme is that of the URL, and never empty",
    "HS-07": "the path has no query, and its percent-encoded UTF-8 is decoded into characters",
    "HS-08": "raw_path has no query, and is byte for byte what was sent",
    "HS-09": "the query is bytes, still percent-encoded; empty where there is none",
    "HS-10": "root_path is a str: where the app is mounted, empty by default",
    "HS-11": "each header is a pair of a name and a value, both bytes",
    "HS-12": "headers keep their order, and each of several with one name stays by itself",
    "HS-13": "names of headers are in lower case, and values as they were sent",
    "HS-14": "pseudo headers of HTTP/2 are left out, and the authority is the first header, host",
    "HS-15": 'client is a host and a port, or None where the test says so; "testclient" stands for an address',
    "HS-16": "server is the host and the port of the URL, an int also where the URL has none",
    "HS-17": "each request has a copy of the state of the lifespan for itself",
    "HS-18": "two requests of one client have two scopes, with nothing in common that can be changed",
    "HS-19": "headers go both ways as they are; neither Cookie nor Set-Cookie is merged",
    # HTTP: what the app receives.
    "HR-01": 'each piece of a request body is an "http.request"',
    "HR-02": "the pieces of a request body are bytes, and make the body one after the other",
    "HR-03": "more_body is a bool, and False with the last piece alone",
    "HR-04": "what is sent in chunks reaches the app as the bytes that it stands for",
    "HR-07": "receive() gives a disconnect, with a type alone, behind a whole response or when the client has gone",
    # HTTP: what the app sends.
    "HW-05": "response headers come in the order of the app, and none is joined with another",
    "HW-07": "a Transfer-Encoding of the app does nothing to the body, which is what the app has sent",
    "HW-08": "a response without Content-Length is whole all the same, and nothing is said of how it was framed",
    "HW-09": "a server may keep the start until the first body; ours shows it at once to who streams",
    "HW-14": "the client has a piece of the body before the app sends the next one",
    # HTTP: in which order, and when the client has gone.
    "HO-04": "a message behind a complete response is ignored",
    "HO-05": "send() to a client that has gone raises an OSError, where the app is told of 2.4",
    "HO-07": "the OSError of such a send() is neither logged nor raised where it comes out of the app",
    "HO-08": "a connection lasts until its response is complete, whatever else is served meanwhile",
    "HO-09": "a message of another protocol is raised out of send() like any of an unknown type",
    # Websockets: the scope.
    "WS-01": 'the type of a websocket is "websocket"',
    "WS-02": "a websocket has the version of ASGI, and that of its specification, both str",
    "WS-03": "the version of HTTP is that of the handshake, a str",
    "WS-04": 'the scheme is "ws" or "wss", also where the URL has that of HTTP',
    "WS-05": "the path of a websocket has no query, and is decoded into characters",
    "WS-06": "raw_path of a websocket has no query, and is byte for byte what was sent",
    "WS-07": "the query of a websocket is bytes, still percent-encoded; empty where there is none",
    "WS-08": "root_path of a websocket is where the app is mounted, empty by default",
    "WS-09": "headers of a handshake are pairs of bytes in their order, in lower case, none joined, none of HTTP/2",
    "WS-10": "client and server of a websocket are what they are for a request",
    "WS-11": "subprotocols are what the client has offered, in its order; none by default",
    "WS-12": "each websocket has a copy of the state of the lifespan for itself",
    "WS-13": "a websocket and the call of its app end together, whichever of them ends first",
    # Websockets: what the app receives.
    "WR-01": "the first event is the connect, and the handshake is open until the app has answered it",
    "WR-03": "a message of the client has either text or bytes, and never both",
    "WR-04": "PING and PONG are handled by the server, and are no events",
    "WR-05": "however long a message is, the app gets it whole, in one event",
    "WR-06": "the app is told of each end: the close of the client, its own, and the loss of the connection",
    "WR-07": "the code of an end is an int: that of the close, and 1005 where there was none",
    "WR-08": "the reason of an end is a str: that of the close, and empty where there was none",
    "WR-10": "the server sends PINGs as long as a connection needs them",
    # Websockets: what the app sends.
    "WW-07": "a close before the accept is an answer of 403, and no websocket comes of it",
    "WW-08": "a close after the accept ends the websocket with its code, or with 1000",
    # Websockets: when the client has gone.
    "WO-03": "send() to a websocket whose client has gone raises an OSError",
    "WO-04": "the OSError of a websocket that has gone is neither logged nor raised where it comes out of the app",
    # The lifespan: the scope.
    "LS-01": 'the type of a lifespan is "lifespan"',
    "LS-02": "a lifespan has the version of ASGI, and that of its specification, both str",
    "LS-03": "a lifespan has a dict for its state, and that is empty when it begins",
    "LS-04": "what a request puts into its state is its own; what lies in the state is shared",
    "LS-05": "where the app raises on a lifespan, or on its startup, requests are served, and it hears no more of it",
    "LS-06": "there is one lifespan for a loop, and requests run on the same one",
    "LS-07": "the call for a lifespan goes on from before the first request until the client is left",
    # The lifespan: what the app receives.
    "LR-01": "the startup comes before any request, and has a type alone",
    "LR-02": "the shutdown has a type alone, and comes when each response that was still open has ended",
    # The lifespan: what the app sends.
    "LW-01": "no request is served before the app has answered the startup",
    "LW-02": "a startup that failed is an end: its message is shown, and no request is served",
    "LW-03": "a client is left only when the app has answered the shutdown",
    "LW-04": "the message of a shutdown that failed is shown, and the client is left all the same",
    # TLS.
    "TLS-01": 'TLS is there on a connection with TLS alone: not on "http" or "ws", whatever the test offers',
    "TLS-02": "the certificate of the server is always there: None, or a str that the test gives",
    "TLS-03": "the chain of the client is empty, or what the test gives, the client's own certificate first",
    "TLS-04": "the name of the client is None as long as there is no chain, and what the test gives with one",
    "TLS-05": "what is wrong with the certificate of the client is None, or a str that the test gives",
    "TLS-06": "the version of TLS is always there: None, or an int that the test gives",
    "TLS-07": "the cipher suite is always there: None, or an int of 16 bits that the test gives",
    # Other extensions.
    "EX-DEN-01": "each websocket offers denial responses, by an empty dict",
    "EX-PUSH-01": "pushes are offered by an empty dict, where the test wants them",
    "EX-PUSH-04": "a push becomes a request of its own, to the same authority",
    "EX-ZC-01": "zero-copy send is offered by an empty dict, where the test wants it",
    "EX-PATH-01": "path send is offered by an empty dict, where the test wants it",
    "EX-HINT-01": "early hints are offered by an empty dict, where the test wants them",
    "EX-HINT-04": "the links of an early hint reach the client apart from the response, whose status stays",
    "EX-TR-01": "trailers are offered by an empty dict, where the test wants them",
    "EX-TR-04": "the last trailers complete the response, and a message behind them is ignored",
    "EX-TR-06": "trailers go only to a client that has asked for them with TE",
    "EX-DBG-01": "what an app shows to tests is offered by an empty dict, by default",
}

#: The rules about something that there is not between a client and an app in one process, or that another test has.
NOT_OURS: Final[Mapping[str, str]] = {
    "CORE-24": "`test_asgi2_apps` of tests/client/http/test_requests.py has it",
    "HS-14": "httpx hands over names and values, and never a pseudo header: nothing is parsed that could have one",
    "WR-04": "there are no frames, and so no PING that could reach the app",
    "WR-10": "nothing can be lost between two calls in one process that a PING would notice",
    "EX-PUSH-04": 'a client may refuse pushes; ours shows them, as `response.extensions["http.response.push"]`',
}

#: The rules that the client does not keep, on purpose, and what it does instead.
OTHERWISE: Final[Mapping[str, str]] = {
    # Most servers refuse the message, too, and a test is to find the mistake: docs/differences.md.
    "HO-04": 'send() raises for a message behind a complete response, and ignores it with rules="off"',
    "EX-TR-04": 'send() raises for a message behind the last trailers, and ignores it with rules="off"',
    # Who offers trailers wants to see them; suites under Starlette's names compare them without asking.
    "EX-TR-06": "a test sees the trailers of the app, whether its request has TE or not",
}
