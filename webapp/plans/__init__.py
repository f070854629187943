"""The plan: clauses, sentences, tasks, and the assignments that give each task to the organisations it names."""
