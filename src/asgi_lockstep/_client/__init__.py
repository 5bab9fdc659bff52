"""The clients, which speak httpx2.

From the bottom to the top:

    options, app_kinds          every option with its default, and what may be given as an app
    network_errors, failures    what to raise for an app that fails, and for a connection that breaks
    time_passing/               `client.clock`, and the clock on the wall
    http/                       a request becomes an exchange, an exchange becomes a response
    websocket/                  the sessions of both clients
    endings/                    lifespan, background work, tasks that are left behind
    portal                      the way onto the loop of a client for functions of the test
    transport, conversations    what httpx2 calls, and what a client can do beyond requests
    sync_client, async_client   the two classes, over client_base
"""
