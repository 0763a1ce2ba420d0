"""The only code that touches sockets: one transport for each colour."""
