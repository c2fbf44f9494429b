"""Loads the policies anew when it is asked to, or when their files have changed; one attempt after the other, in a thread."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Final

from policy.calculator.policies import PolicySet
from policy.language.problems import FILE_START, Problem
from server.loading.files import Stamps, stamps
from server.loading.load import NotLoaded, load
from server.loading.state import LoadState, versions_of
from server.log import Log
from server.stray import raised

Put = Callable[[PolicySet | None, LoadState], None]
"""Has calls answered by a set from now on, or (None) by the one that is in use; either way the state is what is told of it.

Returns when every process that answers calls does so."""

SETTLE_SECONDS: Final = 1.0
"""Files that have changed are left alone until they stand still for so long: an editor, rsync or git writes one by one."""
_NOT_TAKEN: Final = "it was read, and could not be put to use ({}); the traceback is in the log"


class Reloader:
    """Keeps ``policies``, loaded as ``state`` says, as the files of ``catalog`` have them; ``clock``: seconds since 1970 UTC.

    The files are looked at every ``watch_seconds``; 0: never. ``seen``: what they were before the first set was read.
    """

    def __init__(
        self,
        catalog: Path,
        default_policy_id: str,
        watch_seconds: int,
        policies: PolicySet,
        state: LoadState,
        put: Put,
        log: Log,
        clock: Callable[[], int],
        seen: Stamps,
    ) -> None:
        self._catalog = catalog
        self._default_policy_id = default_policy_id
        self._watch_seconds = watch_seconds
        self._in_use = policies, state  # one reference, so that both are of one moment
        self._put = put
        self._log = log
        self._clock = clock
        self._seen = seen
        self._asked = Event()
        self._stopping = False
        self._why = ""
        self._thread = Thread(target=self._run, name="reload", daemon=True)

    def in_use(self) -> tuple[PolicySet, LoadState]:
        """The set in use, and how it was loaded."""
        return self._in_use

    def start(self) -> None:
        """Begins to listen and to look."""
        self._thread.start()

    def stop(self) -> None:
        """Begins no further attempt; one that runs is left to its end."""
        self._stopping = True
        self._asked.set()

    def ask(self, why: str) -> None:
        """Has the files loaded soon; ``why`` is for the log. Asked several times meanwhile, they are loaded once."""
        self._why = why
        self._asked.set()

    def _run(self) -> None:
        wait_seconds: float | None = self._watch_seconds or None
        while True:
            asked = self._asked.wait(wait_seconds)
            if self._stopping:
                return
            if asked:
                self._asked.clear()
                self._attempt(self._why)
            elif self._changed():
                if not self._settled():
                    continue
                self._attempt("files changed")

    def _changed(self) -> bool:
        return stamps(self._catalog) != self._seen

    def _settled(self) -> bool:
        """Waits until two looks are alike; False where somebody asks meanwhile."""
        before = stamps(self._catalog)
        while not self._asked.wait(SETTLE_SECONDS):
            now = stamps(self._catalog)
            if now == before:
                return True
            before = now
        return False

    def _attempt(self, why: str) -> None:
        self._seen = stamps(self._catalog)
        began = monotonic()
        try:
            policies = load(self._catalog, self._default_policy_id)
        except NotLoaded as error:
            self._keep(error.problems, why)
        except Exception as error:  # noqa: BLE001  # a defect of ours is no reason to answer by nothing, or to look no more
            self._log.error("fault", **raised(error))
            text = f"a defect of the server ({type(error).__qualname__}); the traceback is in the log"
            self._keep([Problem(str(self._catalog), *FILE_START, text)], why)
        else:
            self._take(policies, why, began)

    def _take(self, policies: PolicySet, why: str, began: float) -> None:
        in_use, before = self._in_use
        changed = versions_of(policies) != versions_of(in_use)
        state = before.succeeded(policies, self._clock(), changed=changed)
        try:
            self._put(policies if changed else None, state)
        except Exception as error:  # noqa: BLE001  # as above
            self._log.error("fault", **raised(error))
            text = _NOT_TAKEN.format(type(error).__qualname__)
            self._keep([Problem(str(self._catalog), *FILE_START, text)], why)
            return
        self._in_use = (policies if changed else in_use), state
        self._log.info(
            "policies reloaded",
            because=why,
            changed=changed,
            sha256=state.sha256,
            before=before.sha256,
            versions=len(versions_of(policies)),
            seconds=round(monotonic() - began, 3),
        )

    def _keep(self, problems: tuple[Problem, ...] | list[Problem], why: str) -> None:
        """The last good set stays in use, and it is said where the files are wrong."""
        policies, before = self._in_use
        state = before.failed(problems, self._clock())
        self._in_use = policies, state
        self._log.error(
            "policies not reloaded",
            because=why,
            problems=[str(problem) for problem in state.problems],
            problem_count=state.problem_count,
            in_use=state.sha256,
            in_use_since=state.active_since,
        )
        try:
            self._put(None, state)
        except Exception as error:  # noqa: BLE001  # as above
            self._log.error("fault", **raised(error))
