"""HTTP/1.1 (RFC 9112) in the event loop, and the process that speaks it."""
