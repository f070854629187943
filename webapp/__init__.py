"""Lantian, the product: one folder per feature, cross-cutting modules beside them."""
