"""Who turns the event loop, what its rests mean, and what time it is.

From the bottom to the top:

    clock/          real seconds, virtual ones, and how much idle time a call has left
    inspection/     looks at source lines, threads, files, signals; touches no loop
    calls/          one call of the app, its tasks, and the contract of whoever runs it
    rest/           what it means that nothing is ready to run: the three rules, and why a call is stuck
    on_asyncio/     the backend for asyncio, uvloop and their like
    on_trio/        the backend for trio; the same file names
    turning/        the drivers of both clients, the lock between threads, and which loop a client has

A room imports only from rooms above it in this list; the two backends do not know each other. Clients import from
`turning/`, `calls/`, `clock/` and `inspection/`, and never from a backend.
"""
