"""A request becomes an exchange, and an exchange a response whose body arrives. Sync and async side by side.

From the bottom to the top:

    request         from httpx's request to a call of the app
    request_body    bodies that are pulled piece by piece while the app reads them
    response_body   bodies of responses while they arrive
    response        the responses of both clients
    duplex          both directions at once, with the body sent by hand
"""
