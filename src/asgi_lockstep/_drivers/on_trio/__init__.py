"""The backend for trio. `backend` is its door; nobody else imports from in here.

From the bottom to the top; all but the clocks and the place have a twin in `on_asyncio/`:

    place          what of a run belongs to a thread
    tasks          tasks and signals, for both clients
    app_tasks      which tasks belong to the app
    reachability   what the references of tasks, scopes and nurseries mean
    world          what is outside of the run: threads, files, signal handlers
    clocks         see the rests of a run, and let its time jump
    settle         when a run that is not ours rests
    watch          whether a run that is not ours can still move
    loop_runner    a run that moves only inside of `turn()`: what the sync client has
    caller_loop    the run of whoever awaits: what the async client has
    backend        answers the questions of the contract (`rest/backend.py`)
"""
