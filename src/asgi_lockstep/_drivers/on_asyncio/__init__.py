"""The backend for asyncio, uvloop and their like. `backend` is its door; nobody else imports from in here.

From the bottom to the top; nine have a twin in `on_trio/`, which needs less, as trio shows its rests:

    loop_internals    what an asyncio loop waits for, read from its private parts
    ready_pass        one pass through what is ready, by its private parts
    virtual_loop      a loop whose time passes by jumping
    rest_selector     sees the rests of loops that take a selector of ours
    rest_counter      sees the rests of other loops
    new_loop          makes the loop that the options ask for
    ways_to_run       how it is run, whatever has been done to its class
    root_task         what outlives the calls of the client on it
    app_tasks         which tasks belong to the app, and where they were created
    tasks             tasks and signals, for both clients
    reachability      what the references of tasks, futures and timers mean
    world             what is outside of the loop: threads, files, signal handlers, whoever can reach its tasks
    jumping_loop      a virtual loop that the test itself runs
    settle            when a loop that is not ours rests
    watch             whether a loop that is not ours can still move
    jobs              the default executor of a loop, and its threads
    ways_out          what a loop would keep to itself, and has to be raised
    loop_end          how a loop ends
    loop_runner       a loop that moves only inside of `turn()`: what the sync client has
    caller_loop       the loop of whoever awaits: what the async client has
    backend           answers the questions of the contract (`rest/backend.py`)
"""
