"""The bodies of requests and responses while they are on their way. Sync and async side by side.

From the bottom to the top:

    request_body    bodies that are pulled piece by piece while the app reads them
    awaited_event   how long the next event of a stream is waited for
    response_body   bodies of responses while they arrive
    response        the responses of both clients
    event_source    the server-sent events in one
    whole_response  those that were there at once, as long as nobody asks for more than their body
    duplex          both directions at once, with the body sent by hand
"""
