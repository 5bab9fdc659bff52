"""What a request passes between the test and the app: the one way of all requests, in our parts and in httpx's.

From the bottom to the top:

    seams           whether a request may go our way: where others can reach into httpx's
    remembered      how what a request comes to is remembered
    target          what its URL comes to
    header_lines    its headers
    cookies         the cookies of the client among them
    body            its body, and the headers that httpx adds for that
    prepared        a request in all these parts
    call            the call of the app for it
    varied_calls    the same, where the client varies what the app gets
    transport       begins the call; and what httpx calls where a request goes its way
    answer          the response, where httpx has nothing to do for it
    requests        `request()` and `send()` of both clients, which pass all of it
"""
