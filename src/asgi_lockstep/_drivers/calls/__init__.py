"""One call of the app, and the tasks that come of it.

From the bottom to the top:

    python_end   for which threads Python does not wait when it ends
    interrupts   what ends the test run, and not just the app
    tasks        what a call needs of the loop that it runs on
    app_call     its `receive`, its `send`, and what became of it
    log_records  what an app logs, for the timeline of its client
    under_way    those that have begun on a loop and not ended
    app_tasks    which tasks belong to the app
    contract     what whoever turns a loop has to offer for that
"""
