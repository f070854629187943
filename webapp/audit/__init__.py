"""The record of who did what, when: written in the transaction of the deed, never changed."""
