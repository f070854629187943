"""Evidence files: checked by content, hashed, kept outside the static tree, served as attachments."""
