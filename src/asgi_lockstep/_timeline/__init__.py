"""What happened between a test and its app.

From the bottom to the top:

    exceptions    what an exception says, without the objects that it holds
    recorder      what happens, as it happens: small tuples in a ring
    recent        the recorders that were at work last, for a report about a test that has failed
    events        what has happened, as data
    masking       secrets and long bodies, and what JSON can hold
    wording       an event in a line
    reading       events, made of the tuples
    json_lines    a timeline as lines of JSON, and back
    timeline      `client.timeline`
    writers/      the forms in which it is saved

Everything above `recent` is imported when somebody reads a timeline: most tests never do.
"""
