"""The platform's own summary, in the shape of its `POST /analytics/ct/` answer, and the differences between theirs and ours.

`facts` counts nothing yet: it says of every event what a reading of it may depend on. `readings` are the readings: ours, and
single ways to depart from it. `numbers` counts under a reading, `answer` puts that into the platform's shape, and
`reconcile` looks for the reading that turns our numbers into theirs.
"""
