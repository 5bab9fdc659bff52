"""What the pytest plugin does, when a test or an option asks for it; `_asgi_lockstep_plugin` beside the package asks.

From the bottom to the top:

    markers           the options that a test has by its marker, and by those of the run
    apps              the app of the fixtures
    app_state         what a test may change of a running app, and how it was before
    shared_apps       an app that runs for several tests
    live_servers      the app on a real socket instead
    runners           which runner of async tests a test has
    clients           the clients of the fixtures
    log_of_package    what the package says in its log
    sections          what a failing test shows
    index_page        the page that lists the reports of a run
    reports           what is written about tests
    serving           the app of a failing test, for a look in the browser
    options_of_runs   the options that need more than a fixture
    starlette_names   the hooks of `-p asgi_lockstep.starlette`
"""
