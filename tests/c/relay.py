"""A TCP relay between a program and the stand-in that lets a TLS handshake and
a request through, and then loses the answer."""

import socket
import threading


class Relay:
    """Listens at `port`; relays to `target`. What comes back after the
    client's second flight (Finished and request) is dropped: then the
    connection is closed (`cut`), or held open in silence. For `with`."""

    def __init__(self, target, cut):
        self.target, self.cut = target, cut

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = [self.listener]
        self.asked = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def accept(self):
        """Serves one client after the other."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [client, server]
            threading.Thread(target=self.there, args=(client, server), daemon=True).start()
            threading.Thread(target=self.back, args=(client, server), daemon=True).start()

    def there(self, client, server):
        """From the client to the server; its second turn is the request."""
        turns = 0
        try:
            while data := client.recv(65536):
                turns += 1
                if turns == 2:
                    self.asked.set()
                server.sendall(data)
        except OSError:
            pass

    def back(self, client, server):
        """From the server to the client, until the request has been sent."""
        try:
            while data := server.recv(65536):
                if self.asked.is_set():
                    if self.cut:
                        client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)
        except OSError:
            pass
