"""Who turns the event loop, what its rests mean, and what time it is.

From the bottom to the top:

    clock/          real seconds, virtual ones, and how much idle time a call has left
    inspection/     looks at source lines, threads, files, signals; touches no loop
    happenings/     what happens, kept as it happens, for the timelines of clients
    calls/          one call of the app, its tasks, and the contract of whoever runs it
    rest/           what it means that nothing is ready to run: the three rules, why a call is stuck, and `backend`,
                    the contract of whoever turns a loop and sees its rests
    on_asyncio/     the backend for asyncio, uvloop and their like
    on_trio/        the backend for trio; the same file names
    turning/        the drivers of both clients, the lock between threads, which loop a client has, and `backends`:
                    which backends there are, and which one runs here

A room imports only from rooms above it in this list; the two backends do not know each other, and `backends` knows them
by name alone. Clients import from `turning/`, `calls/`, `clock/` and `inspection/`, and never from a backend.
"""
