"""What each operation costs, and whether our targets are met: `python -m bench`, from the root of the project.

From the bottom to the top:

    apps        what is tested: a bare ASGI app, one of FastAPI, one of Falcon, and a transport that does nothing
    ways        the operations, and how each test client does them
    rows        what is compared with what, and the targets
    measure     one process, all in turn, minima and medians
    generated   a suite of a thousand tests, run by pytest
    imports     what an import costs
    history     the ratios of each version, as they are kept, checked and drawn
    scale       what a call costs after many, and beside many others
"""
