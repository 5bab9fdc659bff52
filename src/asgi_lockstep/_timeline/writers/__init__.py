"""Files that other tools open, made of a timeline.

From the bottom to the top:

    recorded_bytes     header lines and bodies, as they stand in messages of a timeline
    conversation       the events of one exchange, by what they mean for who reads a request and its response
    har_cookies        the cookies of requests and responses
    har_bodies         bodies of requests and responses, and the fields of forms
    har_request        the request of an exchange
    har_response       the response of an exchange
    har_websocket      what crosses a websocket
    har                HTTP archives, which developer tools of browsers open
    trace_moments      when events stand in a trace
    trace_tracks       on which track they stand
    trace_events       traces, which Perfetto and Chromium's performance panel open
"""
