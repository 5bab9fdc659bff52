"""ASGI without any I/O: no event loop, no threads, no clock. Read tables.py first, then exchange.py, then steps.py."""
