"""What the client decides, without a socket, a thread or a pause (sans-IO)."""
