"""Where sessions keep their tokens between two runs of the program."""

import os
from typing import Callable, Optional, Union

from ._convert import text
from ._errors import call
from ._handles import Handle
from ._library import Owned, lib
from ._native import SaveFn, StoreHandle

Save = Callable[[str, Optional[str]], object]
"""Saves the record (second) of a user key (first), or forgets that user's when it is None; raises when it cannot."""


class Store(Handle):
    """Where sessions keep their tokens between two runs of the program: a `FileStore` or a `HostStore`. Any thread
    may use it, for any number of sessions; those live on when it is closed."""

    _save: Optional[Save] = None

    @classmethod
    def _maybe(cls, store: "Optional[Store]") -> Optional[Owned]:
        """What is behind an argument that need not be given."""
        return None if store is None else cls._behind("store", store)


class FileStore(Store):
    """The file at `path`, for up to 500 users and any number of processes at once. It need not exist yet; its folder
    must, and be yours. Only its owner may read it: it is made with mode 0600, refused when others can read it
    (`Reason.STORE_EXPOSED`), and never overwritten when it is no such file. On Windows the folder's permissions
    protect it. It is not encrypted. Blocks as long as reading it takes."""

    def __init__(self, path: "Union[str, os.PathLike[str]]") -> None:
        out = StoreHandle()
        call(lib.store_file, text("path", os.fspath(path)), out)
        super().__init__(Owned(out, lib.store_free))


class HostStore(Store):
    """The program's own store: a keychain, a profile.

    With `save`, calls of the session have their new tokens saved by it, in their own thread, before the tokens are
    used; what it raises comes out of the call, nothing is lost, and the next call asks it again. It gets a user key
    and the record, a line of text that holds tokens: keep it as safe as a password; or None, to forget that user's.
    It must not use the session. Without `save` such calls raise `SaveFirst`: see `Session.save_pending`.

    One process at a time may use a user's record; after a crash in the middle of a refresh the next start sends the
    same refresh token again, which a strict server answers by ending all of the user's tokens. When a session says
    `SignedOutError`, forget its record.
    """

    def __init__(self, save: Optional[Save] = None) -> None:
        if save is not None and not callable(save):
            raise TypeError(f"save must be a function, not {type(save).__name__}")
        out = StoreHandle()
        call(lib.store_host, SaveFn(), None, out)
        super().__init__(Owned(out, lib.store_free))
        self._save = save

    def give(self, user_key: str, record: str) -> None:
        """Gives it the record that was saved for `user_key`, for the next `Session.resume` of that user."""
        call(lib.store_give, self._use(), text("user_key", user_key), text("record", record))
