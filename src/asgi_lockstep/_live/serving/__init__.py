"""How each server is run: in a thread of this process, or in a child process.

From the bottom to the top:

    settings              what a server is to do, and what it takes besides
    contract              what the rest needs of a server
    sockets               addresses without a clash
    app_names             the app as `module:attribute`, and back
    log_lines             the last lines of a log, instead of noise
    on_uvicorn            in a thread
    on_hypercorn          in a thread
    in_thread             the thread, and how it is ended
    mailbox               what a child process and its parent tell each other
    worker                the app in the process that runs it
    on_daphne             in a child
    on_granian            in a child
    child                 the main program of the child
    in_child              the child as its parent sees it
    servers               one row per server
"""
