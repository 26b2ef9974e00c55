"""The installed package by itself: no environment, no sources, no build folder."""

import pathlib

import ropc

package = pathlib.Path(ropc.__file__).parent
assert pathlib.Path(ropc.library_path).parent == package, ropc.library_path
with ropc.Client(ropc.Options.loginradius("https://localhost:1", "app", "client")) as client:
    try:
        client.login("ada", bytearray(b"secret"))
    except ropc.NetworkError as error:
        assert error.reason is ropc.Reason.CONNECTION_REFUSED, error
    else:
        raise AssertionError("nothing listens there")
