"""The outbox: a mail is a row with a life, written with its cause, sent later, proven by the server's answer."""
