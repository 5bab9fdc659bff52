"""The forms in which a timeline is saved, each a function of the timeline.

From the bottom to the top:

    recorded_bytes    what was sent, of what is kept of it
    conversation      what the events of one exchange mean together
    lines, text       lines of JSON, and for a terminal
    har_...           the parts of an HTTP archive
    har               all of it
    trace_...         the parts of a trace
    trace_events      all of it
"""
