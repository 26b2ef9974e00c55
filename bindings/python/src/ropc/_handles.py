"""What keeps the library's handles and structs until nobody uses them."""

from typing import Any, Callable, Optional, TypeVar

from ._errors import StateError
from ._library import Owned

Self = TypeVar("Self", bound="Handle")


class Handle:
    """What is closed when it is done with: by `close`, by `with`, or when nobody
    has it any more. Any thread may use it at any time."""

    # Also of one whose constructor raised.
    _owned: Optional[Owned] = None

    def __init__(self, owned: Owned) -> None:
        self._owned = owned

    def _use(self) -> Owned:
        """For one call. Not to be kept, or `close` frees nothing."""
        owned = self._owned
        if owned is None:
            raise StateError(f"This {type(self).__name__} is closed: make another")
        return owned

    @classmethod
    def _behind(cls, name: str, value: "Handle") -> Owned:
        """The same of an argument, which must be of this class: the library would take anything for it."""
        if not isinstance(value, cls):
            raise TypeError(f"{name} must be a ropc.{cls.__name__}, not {type(value).__name__}")
        return value._use()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._owned is None

    def close(self) -> None:
        """Frees what is behind this, as soon as no call of another thread uses it. Once is enough; never blocks."""
        self._owned = None

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ropc.{type(self).__name__}{', closed' if self.closed else ''}>"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        raise TypeError(f"a ropc.{type(self).__name__} stays in its process: make another in the other one")
