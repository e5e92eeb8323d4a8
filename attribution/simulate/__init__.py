"""Simulated worlds: a folder of exports as a platform or a customer hands them over, with the planted truth beside them.

    from attribution.simulate import Defects, World, simulate

    truth = simulate(Path("world"), World(seed=7, events=1_000_000, defects=Defects.none()))

What is planted, so that a reading can be judged by it:

- **QR codes** differ: in scans (`World.skew` on the first), in conversions (a lift of about 0.5 to 1.8), and in prices
  (0.6 to 1.6 times the median). A conversion belongs to the code whose scan session it names, or whose web session.
- **Journeys**: a visitor may scan several codes over days (`World.multi_touch`); each earlier scan makes a conversion
  40 % likelier, up to three. About one visitor in 25 is the same person as the visitor before: same `email_hash`,
  another cookie.
- **Money**: lognormal amounts in whole minor units, written as exact decimal text; only purchases and refunds have any.
- **Defects**: each has a dial in `Defects`. A broken row is added to the world and broken in one way only, so the base
  truth does not depend on it, and `Truth` says how many of each there are.

What only looks real: arrivals follow the hours of the day and the weekend, scans come back after days, pages are viewed
half a minute apart, a fifth of the scan sessions has a second web session, a device keeps its user agent.

Files: `events-YYYY-MM.<format>` (stored) or `browser-YYYY-MM.<format>` and `server-YYYY-MM.<format>` (raw), one row per
event in the order in which it was written, a file per month and 5 million rows; `scans.csv` (one row per scan session
whose code is known), `qr_codes.csv`, `spend.csv` (one row per campaign and month), `fx.csv` (US dollars per unit, each
working day), and `truth.json`. Times are UTC to the millisecond.

A world is made in chunks of about 250,000 events that follow each other in time; rows that belong to a later day wait
in compact form, so memory is bounded by a chunk and by what a few days hold. The same `World` gives the same bytes.
"""

from attribution.simulate.simulator import simulate
from attribution.simulate.truth import CodeTruth, Earned, Rows, Truth
from attribution.simulate.world import Defects, World

__all__ = ["CodeTruth", "Defects", "Earned", "Rows", "Truth", "World", "simulate"]
