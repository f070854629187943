"""Heating-season caps (错峰生产, 限产): enterprises and lines, their plans, and what really stood still."""
