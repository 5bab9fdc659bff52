"""What happens, kept as it happens, for those who look later: see `_timeline/`.

From the bottom to the top:

    readable      what JSON can hold of a value
    exceptions    what an exception says, without the objects that it holds
    handled       which exception an app handles
    kept_message  what is kept of a message
    ended         an exchange whose app has ended
    known_task    a task of the app, of which something is kept
    recent        the recorders that were at work last, for a report about a test that has failed
    recorder      what happens: small tuples in a ring
"""
