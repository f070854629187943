"""The demo's bar and mailbox: present only where the database says it is a demo."""
