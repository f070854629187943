"""A mail's own HTML shown inside a page: in a response of its own that may be styled but runs and loads nothing."""

# Links open in the whole window; nothing else of a mail reaches the page around it.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
POLICY = f"sandbox {SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def framed(html: str) -> str:
    """A mail's HTML whose links leave the frame."""
    return html.replace("<head>", '<head><base target="_top">', 1)
