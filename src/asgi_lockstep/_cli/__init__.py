"""The command line. Only `__main__.py` imports it, and nothing else needs click and rich.

From the bottom to the top:

    stopwatch               the time on the wall
    terminal                colours for people, bytes for pipes
    progress                a bar for what takes long
    shell_line              the command as a line of code
    tracebacks              what the app has raised, without the lines of its framework
    app_name                `module:app`, read
    app_hints               what to write instead
    app_import              the app of a name
    options                 sections of --help; headers, parameters, cookies
    outcomes                exit statuses, and what is said of errors
    timeline_files          saving a timeline
    setup                   the options of all commands that run an app, and the client made of them
    body, heads             bodies of requests; heads of both
    routes, broken_rules    for check: which paths there are; what was found
    statistics_of_times     for bench: percentiles and a histogram
    request, sse, ws, check, bench, report, completion
                            the commands, a module for each
    main                    the group of them
"""
