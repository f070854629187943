"""The demo's simulated year: who files what on which day of 2017, played through the services people use.

`cast` names the people, `cities` gives each place its character, `figures` the curves, `words` and `papers` what is
written and attached, `filing`, `review` and `reporting` the script, `lists`, `rows` and `visits` the ledgers, `offpeak`
the registers, `play` the performance. The second story goes on from there into the heating season: `winter` is its
script, `season` its registers. Nothing here is drawn from shared randomness: every draw is seeded with the place and
the task, so two plays give the same figures.
"""
