"""ASGI without any I/O: no event loop, no threads, no clock.

From the bottom to the top:

    file_pieces                     reads the files that an app names as bodies
    scope                           makes the scopes
    variation_kinds                 what one thing is that servers may do differently
    varied_scopes, varied_messages  these things, as data
    variation                       how that is decided by a seed
    tables                          which message may be sent where, as data
    servers, consequences           what real servers do, as data
    framing                         how long a body is
    rules                           what a rule is, and what it is to break one
    order_rules, kind_rules, header_rules, response_rules, websocket_rules, ending_rules
                                    the rules, as data
    header_pairs, shapes            what each message carries
    content_rules, catalogue        the rules about what a message says; and all of them
    rule_book                       which rules are errors for a client
    checks                          whether a message may be sent
    findings                        the error that says what was found
    standing, layer                 what is known of an app whose conversation somebody else carries
    exchange                        one conversation, whatever its protocol
    http_request, http_exchange, lifespan_exchange, websocket_exchange
                                    the three protocols; a refused websocket gets a response of HTTP
    varied_exchanges                the same, with a variation
    steps, advice                   what a client does, and what to do where both sides wait
"""
