"""Hypothesis strategies for ASGI: what servers and apps may say.

From the bottom to the top; those of one line do not know each other:

    values                          what messages carry: headers, bodies, close codes
    requests, events, app_messages  what a client is given, what an app receives, and what it sends
"""
