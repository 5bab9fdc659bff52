"""The websocket sessions of both clients.

From the bottom to the top:

    handshake                 from a request to the handshake, and from its answer to cookies
    frames                    what a test sends, as the app receives it
    session_base              what the state of the exchange means for the test: everything that both sessions decide
    session, async_session    method for method, how each of them waits
"""
