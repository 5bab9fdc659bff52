"""Random apps and tests, legal and illegal, on every way to run them.

From the bottom to the top:

    actions     what an app does
    visits      what a test does with its client
    runs        an app and its test, run; what must hold then
    programs    how they are chosen
"""
