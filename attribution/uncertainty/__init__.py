"""How sure a number is: resampling people, intervals for skewed sums and for rates, and many comparisons at once.

- `weights`: how often each person is drawn in each replicate, from the seed and the person's rank alone.
- `resample`: sums over resampled people, block by block as matrix products.
- `contributions`: what each person brought each QR code and campaign under each model.
- `bounds`: both put together, one row per QR code or campaign and model.
- `intervals`: the bootstrap-t interval of a sum, and the skewness-corrected one where there are too few people.
- `per_scan`: revenue per scan of each code, compared pair by pair on the same replicates.
- `wilson`: the score interval of a rate.
- `significance`: studentised bootstrap p-values and Holm's correction.

People are resampled, not conversions: one person's purchases, refunds and scans come and go together. A replicate
draws each person a Poisson(1) number of times, which needs no draw for the whole at once and so works in blocks; its
sums are then scaled to the period's number of people, which leaves the spread of a draw of exactly that many
(Hájek's ratio; to first order the multinomial bootstrap). People without a conversion add 0 to every sum and count
in that scaling only, so all of them together are one Poisson(how many) draw.

The intervals are about another period with as many people drawn from the same population: they say nothing about a
changed season, price or poster, and attribution itself is not causal.
"""
