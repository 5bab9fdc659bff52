"""What happened between a test and its app, and how that is written down.

From the bottom to the top:

    events     one thing that happened, and the exchange that it belongs to
    timeline   all of them, in their order
    writers/   files that other tools open
"""
