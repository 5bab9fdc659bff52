"""ASGI without any I/O: no event loop, no threads, no clock.

From the bottom to the top:

    file_pieces                     reads the files that an app names as bodies
    scope                           makes the scopes
    variation_kinds                 what one thing is that servers may do differently
    varied_scopes, varied_messages  these things, as data
    variation                       how that is decided by a seed
    tables                          the order rules, as data
    rules                           what an app can do wrong, as data
    shapes, content_rules           what each message carries, and what is wrong with what it says
    checks                          whether a message may be sent
    exchange                        one conversation, whatever its protocol
    http_exchange, lifespan_exchange, websocket_exchange
                                    the three protocols; a refused websocket gets a response of HTTP
    varied_exchanges                the same, with a variation
    steps, advice                   what a client does, and what to do where both sides wait
"""
