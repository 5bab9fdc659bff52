"""What real servers do with small raw ASGI applications, and what our clients make of the same ones.

From the bottom to the top:

    case        a case: an app, and as data what the client does with it
    sight       what the app of a case saw, one line for each thing
    cases/      all cases, in tables
    dispatch    the one app that each server process serves
    stacks      how each server is started and stopped
    frames      the frames of a websocket
    wire        the scripts of the cases over real sockets
    recorder    one stack: a server, restarted where it has to be
    record      all cases under all stacks, written to recorded/
    consensus   what most servers agree on, from recorded/
    in_process  the same scripts with our clients
    figures     how often each differs from the consensus
    differences where ours differs, and why
"""
