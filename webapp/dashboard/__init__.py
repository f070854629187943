"""The coordinator's view: overview, matrix, lists behind the counts, the review queue."""
