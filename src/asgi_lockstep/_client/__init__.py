"""The clients, which speak httpx.

From the bottom to the top; those of one line do not know each other:

    values, lifespan_record, wrong_colours
        which make no sense, and what to write instead; what became of the lifespan of an app, for the log; and what
        is said where a client is used as one of the other colour
    rule_options
        which rules of ASGI are errors
    options, app_kinds
        every option with its default, and what may be given as an app
    checked
        one app among others, held to the rules without a client
    more_options
        those that few tests need
    network_errors, websocket_errors, handed_over
        how a connection breaks, how a websocket ends, and how a request becomes more than a request
    entrances
        what the tracebacks of all that a test calls show
    failures, portal, time_passing/
        what to raise for an app that fails; the way onto the loop of a client for functions of the test; `client.clock`
    http/, websocket/, endings/
        bodies and responses on their way; the sessions; what happens when a client is left
    pipeline/, client_base
        what a request passes, from the test to the app and back; and what both clients share
    conversations
        what a client can do beyond requests
    sync_client, async_client
        the two classes
    old_names, own_transport
        the first of them with the habits of `starlette.testclient`; transports for other clients of httpx
"""
