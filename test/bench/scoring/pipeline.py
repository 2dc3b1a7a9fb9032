"""The features that the detectors share, of every household, with pandas; an isolation forest of scikit-learn; scores written.

Usage: pipeline.py PROFILES WEATHER SCORES; prints the seconds it took. PROFILES is a binary COPY of
(metering_point_id, day, energy) with 24 intervals a day: read by numpy in one go, which is far faster than any CSV or database
driver would be. The features are those of src/detection/domain (features.ts, thermal-fit.ts, hour-block.ts, two-levels.ts,
steps.ts), by the same formulas but for details that cost no time; the reasons, the law and the balances are left out.
Nothing is computed household by household: grouped columns, and matrices of a row a household, instead of `apply`.
"""

import sys
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

profiles, weather_file, scores_file = sys.argv[1:4]
RECENT, BLOCK, LEVELS, NEAR = 14, 21, 60, 28
started = time.perf_counter()

row = np.dtype([("fields", ">i2"), ("l1", ">i4"), ("meter", ">i4"), ("l2", ">i4"), ("day", ">i4"), ("l3", ">i4"), ("wh", "<u2", 24)])
raw = np.fromfile(profiles, dtype=np.uint8)
rows = raw[19:-2].view(row)
order = np.lexsort((rows["day"], rows["meter"]))
wh = rows["wh"][order].astype(np.float32)
wh[wh == 65535] = np.nan
day = rows["day"][order].astype(np.int32)
day -= day.min()
days = int(day.max()) + 1
frame = pd.DataFrame(
    {
        "meter": np.repeat(rows["meter"][order].astype(np.int32), 24),
        "hour": (day[:, None] * 24 + np.arange(24, dtype=np.int32)).ravel(),
        "kw": wh.ravel() / 1000,
    }
).dropna()
frame["day"] = frame["hour"] // 24
frame["clock"] = frame["hour"] % 24
features = pd.DataFrame(index=pd.Index(frame["meter"].unique(), name="meter"))


def matrix(series):
    """A row a household, a column a day, NaN where there is none."""
    return series.unstack().reindex(index=features.index, columns=range(days)).to_numpy()


def median_of(values):
    return pd.DataFrame(values).median(axis=1).to_numpy()


def spread_of(values, centre):
    return 1.4826 * median_of(np.abs(values - centre[:, None]))


np.seterr(invalid="ignore", divide="ignore")
warnings.simplefilter("ignore", RuntimeWarning)

# Days: mean, and floor (third-lowest hour) of those with 20 hours and more.
by_day = frame.groupby(["meter", "day"], sort=False)["kw"]
full = by_day.size() >= 20


def lowest(part, rank):
    """The rank-th lowest hour (0 = lowest) of each household's days."""
    ordered = part.sort_values(["meter", "day", "kw"])
    return ordered[ordered.groupby(["meter", "day"], sort=False).cumcount() == rank].set_index(["meter", "day"])["kw"]


floor, mean = matrix(lowest(frame, 2).where(full)), matrix(by_day.mean().where(full))

# The fortnight.
recent = frame[frame["day"] >= days - RECENT]
by_meter = recent.groupby("meter", sort=False)["kw"]
features["mean_kw"] = by_meter.mean()
features["sd_kw"] = by_meter.std(ddof=0)
features["peak_kw"] = by_meter.quantile(0.95)
features["floor_kw"] = np.fmax(by_meter.quantile(0.05), pd.Series(pd.DataFrame(floor[:, -RECENT:]).quantile(0.25, axis=1).to_numpy(), features.index))
profile = recent.groupby(["meter", "clock"], sort=False)["kw"].median().unstack().reindex(features.index)
features["night_kw"] = profile.loc[:, 1:4].mean(axis=1)
features["day_kw"] = profile.loc[:, 9:20].mean(axis=1)
ordered = np.sort(profile.to_numpy(), axis=1)
middle = (ordered[:, :4].mean(axis=1) + ordered[:, 20:].mean(axis=1)) / 2
features["block_hours"] = (ordered > middle[:, None]).sum(axis=1)
features["quiet_spread_kw"] = median_of(matrix(lowest(recent, 7))[:, -RECENT:] - floor[:, -RECENT:])
# Held: days back from the end until the fourth low one in a row.
low = floor < features["floor_kw"].to_numpy()[:, None] / 2
in_a_row = pd.DataFrame(low[:, ::-1].T).rolling(4, min_periods=4).sum().to_numpy().T >= 4
held_days = np.where(in_a_row.any(axis=1), in_a_row.argmax(axis=1) - 3, days)
features["held_days"] = held_days
held = np.where(np.arange(days) >= days - held_days[:, None], floor, np.nan)
centre = median_of(held)
features["floor_spread"] = spread_of(held, centre) / centre

# Heating: Theil-Sen over pairs of two-day means 3, 5, 7 and 10 days apart, of the floor and of the mean.
celsius = pd.read_csv(weather_file, index_col="day")["celsius"].reindex(range(days)).to_numpy()
cold, heat = np.maximum(0, 18 - celsius), np.maximum(0, celsius - 22)


def two_day_means(values):
    return (values[..., 1:] + values[..., :-1]) / 2


def follow(name, x, values):
    xs, ys, slopes, signs = two_day_means(x), two_day_means(values), [], []
    for lag in (3, 5, 7, 10):
        dx, dy = xs[lag:] - xs[:-lag], ys[:, lag:] - ys[:, :-lag]
        use = (np.abs(dx) >= 2.5) & (xs[lag:] > 0) & (xs[:-lag] > 0)
        slopes.append(dy[:, use] / dx[use])
        signs.append(np.sign(dy[:, use]) * np.sign(dx[use]))
    slopes = pd.DataFrame(np.concatenate(slopes, axis=1))
    pairs = slopes.notna().sum(axis=1)
    lower, signed, upper = (slopes.quantile(p, axis=1).to_numpy() for p in (0.25, 0.5, 0.75))
    agreement = (np.nansum(np.concatenate(signs, axis=1), axis=1) / pairs).to_numpy()
    ramp = np.clip((agreement - 0.1) / 0.25, 0, 1)
    slope = np.nan_to_num(np.maximum(0, signed) * ramp * ramp * (3 - 2 * ramp))
    rest = pd.DataFrame(np.where(x > 0, values - slope[:, None] * x, np.nan)).quantile(0.1, axis=1).to_numpy()
    start = np.where((slope > 0) & (rest < 0), -rest / slope, 0)
    features[f"{name}_slope"], features[f"{name}_signed"], features[f"{name}_agreement"] = slope, signed, agreement
    features[f"{name}_error"] = (upper - lower) / 1.349 / np.sqrt(pairs.to_numpy() / 4)
    return slope[:, None] * np.maximum(0, x - start[:, None])


heating, cooling, mean_heating = follow("heating", cold, floor), follow("cooling", heat, floor), follow("mean_heating", cold, mean)
adjusted = floor - heating - cooling
features["explained_floor_kw"] = np.nanmean(heating[:, -RECENT:] + cooling[:, -RECENT:], axis=1)
features["explained_mean_kw"] = np.nanmean(mean_heating[:, -RECENT:], axis=1)
features["remainder_kw"] = median_of(adjusted[:, -RECENT:])
features["mild_floor_kw"] = median_of(np.where((cold < 4) & (heat == 0), floor, np.nan))

# A plateau over the same hours of every day.
lately = frame[frame["day"] >= days - BLOCK]
by_clock = lately.groupby(["meter", "clock"], sort=False)["kw"]
usual = by_clock.median().unstack().reindex(features.index).reindex(columns=range(24)).to_numpy()
lower_third = by_clock.quantile(0.3).unstack().reindex(features.index).reindex(columns=range(24)).to_numpy()
rest_kw, top_kw = np.sort(usual, axis=1)[:, :4].mean(axis=1), np.sort(lower_third, axis=1)[:, 20:].mean(axis=1)
middle = (rest_kw + top_kw) / 2
on = lower_third > middle[:, None]
features["hours_on"] = on.sum(axis=1)
features["block_kw"] = median_of(np.where(on, usual, np.nan)) - median_of(np.where(on, np.nan, usual))
features["runs"] = (on & ~np.roll(on, 1, axis=1)).sum(axis=1)
features["night_ratio"] = on[:, :6].mean(axis=1)
inside = on & np.roll(on, 1, axis=1) & np.roll(on, -1, axis=1)
within = pd.DataFrame(np.where(inside, usual, np.nan))
features["uneven"] = (within.quantile(0.9, axis=1) - within.quantile(0.1, axis=1)).to_numpy() / features["block_kw"]
features["edge"] = np.abs(np.where(on != np.roll(on, 1, axis=1), usual - np.roll(usual, 1, axis=1), 0)).sum(axis=1)
place = features.index.get_indexer(frame["meter"])
of_block = frame[inside[place, frame["clock"]]]
level = matrix(lowest(of_block, 1))
features["kept"] = np.nanmean(np.where(np.isnan(level[:, -BLOCK:]), np.nan, level[:, -BLOCK:] > middle[:, None]), axis=1)
features["level_spread"] = spread_of(level[:, -BLOCK:], median_of(level[:, -BLOCK:])) / features["block_kw"]
features["level_cold_kw"] = np.nanmean(follow("level", cold, level)[:, -RECENT:], axis=1)
place = features.index.get_indexer(lately["meter"])
share = ((lately["kw"] - rest_kw[place]) / features["block_kw"].to_numpy()[place]).clip(0, 1)
near = np.any([np.roll(on, off, axis=1) for off in range(-3, 4)], axis=0)
share = share[near[place, lately["clock"]]]
length = matrix(share.groupby([lately["meter"], lately["day"]], sort=False).sum())
features["length_spread"] = spread_of(length, median_of(length))
follow("length", cold, length)

# Two levels of the floor, split where the variance between is greatest.
last = np.sort(floor[:, -LEVELS:], axis=1)
count = (~np.isnan(last)).sum(axis=1)[:, None]
sums, number = np.nancumsum(last, axis=1), np.arange(1, last.shape[1] + 1)
between = number * (count - number) * (sums / number - (sums[:, -1:] - sums) / (count - number)) ** 2
split = np.where(number < count, between, -1).argmax(axis=1)
high = np.where(floor[:, -LEVELS:] > last[np.arange(len(last)), split][:, None], floor[:, -LEVELS:], np.nan)
low = np.where(np.isnan(high), floor[:, -LEVELS:], np.nan)
high_kw, low_kw = median_of(high), median_of(low)
step_kw = high_kw - low_kw
features["levels_step_kw"], features["levels_high_spread"], features["levels_low_spread"] = step_kw, spread_of(high, high_kw) / step_kw, spread_of(low, low_kw) / step_kw
features["switches"] = (np.diff(np.isnan(high).astype(np.int8), axis=1) != 0).sum(axis=1)
for name, axis in (("cold", cold), ("heat", heat)):
    axis = axis[-LEVELS:]
    spell = axis - pd.Series(axis).rolling(21, center=True, min_periods=1).mean().to_numpy()
    features[f"levels_{name}_shift"] = np.maximum(*(
        (np.nanmean(np.where(np.isnan(high), np.nan, a), axis=1) - np.nanmean(np.where(np.isnan(low), np.nan, a), axis=1)) / a.std() for a in (axis, spell)))

# The clearest steps of the floor and of the mean, up and down, heating taken off; weeks either side are compared.
for name, values in (("floor", adjusted), ("mean", mean - mean_heating)):
    present = ~np.isnan(values)
    total, number = (np.concatenate([np.zeros((len(values), 1)), np.cumsum(a, axis=1)], axis=1) for a in (np.where(present, values, 0), present))
    at = np.arange(7, days - 4)
    left, right = np.maximum(0, at - 14), np.minimum(days, at + 14)
    n_before, n_after = number[:, at] - number[:, left], number[:, right] - number[:, at]
    rise = (total[:, right] - total[:, at]) / n_after - (total[:, at] - total[:, left]) / n_before
    for sign, word in ((1, "up"), (-1, "down")):
        gain = np.where((n_before >= 7) & (n_after >= 5) & (sign * rise > 0), n_before * n_after / (n_before + n_after) * rise**2, -1)
        best = gain.argmax(axis=1)
        step_day = at[best]
        since = np.arange(days) - step_day[:, None]
        before = np.where((since >= -NEAR) & (since < 0), values, np.nan)
        after = np.where((since >= 0) & (since < NEAR), values, np.nan)
        before_kw, after_kw = median_of(before), median_of(after)
        features[f"{name}_{word}_kw"], features[f"{name}_{word}_day"] = after_kw - before_kw, step_day
        features[f"{name}_{word}_scatter"] = spread_of(before, before_kw) + spread_of(after, after_kw)

# Months.
features["month_kwh"] = frame[frame["day"] >= days - 30].groupby("meter", sort=False)["kw"].sum()

table = features.replace([np.inf, -np.inf], np.nan).fillna(0)
forest = IsolationForest(random_state=1, n_jobs=-1).fit(table)
pd.DataFrame({"score": -forest.score_samples(table)}, index=table.index).to_csv(scores_file)
print(time.perf_counter() - started)
