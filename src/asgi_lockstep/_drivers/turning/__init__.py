"""Who turns the loop.

From the bottom to the top:

    backends         which backends there are, and which one runs here
    worker_thread    a thread of our own, for turns that the caller cannot make
    turn_lock        whose turn it is, where several threads use one client
    still_open       what is closed when Python ends
    closed_loop      what can still be done after a loop has been closed
    sync_driver      the driver of the sync client
    free_driver      the same for an app that runs by itself
    client_loops     which loop a client has
    async_driver     the driver of the async client
"""
