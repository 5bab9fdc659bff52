"""The backend for asyncio, uvloop and their like. `backend` is its door; nobody else imports from in here.

    backend         answers the questions of the contract (`rest/backend.py`)
    loop_runner     a loop that moves only inside of `turn()`: what the sync client has
    caller_loop     the loop of whoever awaits: what the async client has
    tasks           tasks and signals, for both
    app_tasks       which tasks belong to the app, and where they stand
    world           what is outside of the loop: threads, files, signal handlers
    watch, settle   whether a loop that is not ours can still move, and when it rests

These names are the same in `on_trio/`. Beside them stands here what it takes to see the rests of asyncio's loops
(`rest_selector`, `rest_counter`, `ready_pass`, `loop_internals`), to make them (`new_loop`, `root_task`), and to let
their time jump (`virtual_loop`, `jumping_loop`); trio has its `clocks` for all of that.
"""
