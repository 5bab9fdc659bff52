"""What happened between a test and its app.

From the bottom to the top:

    exceptions    what an exception says, without the objects that it holds
    masking       what is shown of messages: secrets masked, and nothing that JSON cannot hold
    recent        the recorders that were at work last, for a report about a test that has failed
    recorder      what happens, as it happens: small tuples in a ring
    events        what has happened, as data
    wording       an event in a line
    json_lines    a timeline as lines of JSON, and back
    timeline      `client.timeline`
    reading       events, made of the tuples
    writers/      the forms in which it is saved

Everything above `recorder` is imported when somebody reads a timeline: most tests never do.
"""
