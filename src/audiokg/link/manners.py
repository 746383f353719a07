"""How to ask others: rests between questions, tries, and the wait that they ask for."""

from dataclasses import dataclass

from tenacity import RetryCallState
from tenacity.wait import wait_base

from audiokg.errors import ServiceError


@dataclass(frozen=True)
class Manners:
    """How to ask. `pause`, `timeout` and `longest_wait` in seconds."""

    pause: float = 1.0
    timeout: float = 60.0
    tries: int = 5
    longest_wait: float = 60.0


class AgainError(ServiceError):
    """There was no answer this time; `wait` is the rest that was asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Wait(wait_base):
    """Wait as long as the service asks for, else twice as long each time."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners

    def __call__(self, retry_state: RetryCallState) -> float:
        """Give the seconds before the next try."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = error.wait if isinstance(error, AgainError) else None
        doubled: float = self._manners.pause * 2**retry_state.attempt_number
        return min(doubled if asked is None else asked, self._manners.longest_wait)
