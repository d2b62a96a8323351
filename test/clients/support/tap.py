"""TAP for the Python clients: ok, equal, raises, and the plan at the end."""

import sys
import traceback

count = 0
failures = 0


def ok(condition, name, *diagnostics):
    global count, failures
    count += 1
    if not condition:
        failures += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {name}", flush=True)
    if not condition:
        for line in diagnostics:
            for part in str(line).splitlines():
                print(f"#   {part[:2000]}", flush=True)
    return bool(condition)


def equal(got, expected, name):
    return ok(got == expected, name, f"got      {got!r}", f"expected {expected!r}")


def raises(exception, call, name):
    """The exception that call raises, or None when it raises another or none."""
    try:
        result = call()
    except exception as error:
        ok(True, name)
        return error
    except Exception as error:
        ok(False, name, f"got {type(error).__name__}: {error}")
        return None
    ok(False, name, f"no exception, but {result!r}")
    return None


def run(*stories):
    """Runs functions, each as far as it gets, and ends the process."""
    for story in stories:
        print(f"# {story.__name__}: {story.__doc__.splitlines()[0]}", flush=True)
        try:
            story()
        except Exception:
            ok(False, f"{story.__name__} runs to its end", traceback.format_exc())
    print(f"1..{count}", flush=True)
    sys.exit(1 if failures else 0)
