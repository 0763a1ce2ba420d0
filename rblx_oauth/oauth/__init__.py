"""OAuth 2.0 and OpenID Connect without a socket: requests are built, answers are judged."""
