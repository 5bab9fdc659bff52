"""What real servers do with small raw ASGI applications, and what our clients make of the same ones.

From the bottom to the top:

    case        a case: an app, and as data what the client does with it
    sight       what the app of a case saw, one line for each thing
    cases/      all cases, in tables
    dispatch    the one app that each server process serves
    stacks      how each server is started and stopped
    connection  a connection to a server, in bytes and in events of h11
    frames      the frames of a websocket
    wire        the HTTP scripts of the cases over real sockets
    wire_socket the websocket scripts
    recorder    one stack: a server, restarted where it has to be
    consensus   what most servers agree on, from recorded/
    record      all cases under all stacks, written to recorded/
    in_process  the same scripts with our clients
    figures     how often each differs from the consensus
    differences where ours differs, and why
"""
