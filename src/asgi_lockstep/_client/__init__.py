"""The clients. Read sync_client.py first; request_parts.py is where httpx2 and ASGI meet."""
