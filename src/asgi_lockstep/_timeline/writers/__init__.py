"""The forms in which a timeline is saved, each a function of the timeline.

From the bottom to the top:

    lines             lines of JSON, which can be read again
    text              lines for a terminal
    recorded_bytes    what was sent, of what is kept of it
    conversation      what the events of one exchange mean together
    har_cookies       the cookies of an HTTP archive
    har_bodies        its contents
    har_request       what was asked, in one
    har_response      what was answered
    har_websocket     the messages of a websocket
    har               all of it
    trace_moments     the times of a trace
    trace_tracks      its tracks
    trace_events      all of it
    sequence          where events stand in a sequence diagram
    page_data         the data of the page, as JSON that may stand in a script element
    picture_parts     colours, lanes, arrows and signs of the picture
    html              the page, made of the files in page/
    svg               the picture
"""
