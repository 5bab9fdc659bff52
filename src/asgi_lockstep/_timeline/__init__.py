"""What has happened between a test and its app, as data, and in the forms in which it is saved.

It is imported when somebody reads a timeline: most tests never do. What keeps it is in `_drivers/happenings/`.

From the bottom to the top:

    masking       messages without secrets
    events        what has happened, as data
    wording       an event in a line
    json_lines    a timeline as lines of JSON, and back
    timeline      `client.timeline`
    hints         what a reader may not see in it
    reading       events, made of what was kept
    writers/      the forms in which it is saved
"""
