"""Schema migrations, numbered. They hold their own DDL and never import models."""
