"""Looks at what is there, and changes nothing: source lines, await chains, threads, files, signal handlers.

Nothing here touches an event loop. What the functions of other people's code mean is known in `known_code` alone.
"""
