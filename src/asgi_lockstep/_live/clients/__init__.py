"""The clients of a live server: httpx's, over a real network.

From the bottom to the top:

    outermost                 what the tracebacks of all that an async test calls show
    time_limits               what to say when nothing has come in time
    failures                  what the app has raised in one call, and when that is known
    wire                      a websocket connection without I/O
    handshake                 from a request to a websocket
    transport                 requests, with a header by which the call of the app is found again
    session_base              everything that both sessions decide
    session, async_session    method for method, how each of them waits
    client_base               what both clients share
    client, async_client      the two classes
"""
