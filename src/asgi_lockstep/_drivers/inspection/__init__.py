"""Looks at what is there, and changes nothing. Nothing here touches an event loop.

From the bottom to the top:

    known_code           what the functions and files of other people's code mean, and nowhere else
    source_lines         whose line it is: the test's, the app's, a library's
    tracebacks           what a traceback shows of them
    await_chains         where a suspended coroutine stands
    endpoints            which function answers a request
    senders              who has sent a message, and who has passed it on
    holders              who holds what somebody waits for
    system_threads       what the system says of every thread, also of those that run no Python
    threads              who may still call into a loop
    neighbourhood        what some things refer to within a few steps
    references           who can still reach what somebody waits for
    files_and_signals    what else may come from outside
    held_signals         what handlers of signals raise, and where it is raised
    watchdog             an app that blocks its thread
"""
