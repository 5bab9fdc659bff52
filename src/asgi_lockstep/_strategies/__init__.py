"""Hypothesis strategies for ASGI: what servers and apps may say.

From the bottom to the top; those of one line do not know each other:

    values                  what messages carry: headers, paths, pieces of bodies, close codes
    requests, events        what a client is given, and what an app receives
    http_messages           what an app sends to answer a request
    app_messages            ... over a websocket, and in its lifespan
"""
