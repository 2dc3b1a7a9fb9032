-- The features that the detectors share, of every household, from a long table `reading(meter, hour, kwh)` in household order and
-- `weather(day, celsius)`; hours and days counted from the first midnight, `{days}` of them. The same as in pipeline.py.
create or replace temp table by_day as
select meter, (hour // 24)::integer as day, avg(kwh) as mean_kw, min(kwh, 3)[3] as floor_kw
from reading group by all having count(*) >= 20;

create or replace temp table axis as
select *, cold - avg(cold) over w as cold_spell, heat - avg(heat) over w as heat_spell
from (select day::integer as day, greatest(0, 18 - celsius) as cold, greatest(0, celsius - 22) as heat from weather)
window w as (order by day rows between 10 preceding and 10 following);

-- The fortnight.
create or replace temp table recent as
with hours as (
  select meter, avg(kwh) as mean_kw, stddev_pop(kwh) as sd_kw, quantile_cont(kwh, [0.05, 0.95]) as q
  from reading where hour >= ({days} - 14) * 24 group by meter
), clock as (
  select meter, hour % 24 as clock, median(kwh) as kw from reading where hour >= ({days} - 14) * 24 group by all
), profile as (
  select meter, avg(kw) filter (clock between 1 and 4) as night_kw, avg(kw) filter (clock between 9 and 20) as day_kw,
    list(kw order by kw) as ordered from clock group by meter
), quiet as (
  select meter, median(eighth_kw - third_kw) as quiet_spread_kw from (
    select meter, min(kwh, 8)[8] as eighth_kw, min(kwh, 3)[3] as third_kw from reading
    where hour >= ({days} - 14) * 24 group by meter, hour // 24) group by meter
), floors as (
  select meter, quantile_cont(floor_kw, 0.25) as lower_kw from by_day where day >= {days} - 14 group by meter
)
select meter, mean_kw, sd_kw, q[2] as peak_kw, greatest(q[1], lower_kw) as floor_kw, night_kw, day_kw, quiet_spread_kw,
  len(list_filter(ordered, lambda kw : kw > (list_avg(ordered[1:4]) + list_avg(ordered[-4:])) / 2)) as block_hours
from hours join profile using (meter) join quiet using (meter) left join floors using (meter);

create or replace temp table held as
with low as (
  select meter, day, d.floor_kw, sum((d.floor_kw < r.floor_kw / 2)::integer) over (
    partition by meter order by day desc rows 3 preceding) as low_days
  from by_day d join recent r using (meter)
), since as (
  select meter, coalesce(max(day) filter (low_days = 4) + 4, 0) as from_day from low group by meter
), middle as (
  select meter, any_value(from_day) as from_day, median(floor_kw) as floor_kw from by_day join since using (meter)
  where day >= from_day group by meter
)
select meter, {days} - any_value(from_day) as held_days,
  1.4826 * median(abs(d.floor_kw - m.floor_kw)) / any_value(m.floor_kw) as floor_spread
from by_day d join middle m using (meter) where day >= from_day group by meter;

-- A plateau over the same hours of every day.
create or replace temp table clock as
select meter, clock, q[2] as usual_kw, q[1] as low_kw from (
  select meter, hour % 24 as clock, quantile_cont(kwh, [0.3, 0.5]) as q from reading where hour >= ({days} - 21) * 24 group by all);

create or replace temp table switched as
with middle as (
  select meter, (list_avg(min(usual_kw, 4)) + list_avg(max(low_kw, 4))) / 2 as middle_kw from clock group by meter
), on_off as (
  select meter, clock, usual_kw, middle_kw, low_kw > middle_kw as is_on from clock join middle using (meter)
)
select *, is_on and before_on and after_on as is_inside from (
  select *, coalesce(lag(is_on) over w, last_value(is_on) over all_day) as before_on,
    coalesce(lead(is_on) over w, first_value(is_on) over all_day) as after_on,
    usual_kw - coalesce(lag(usual_kw) over w, last_value(usual_kw) over all_day) as jump_kw,
    coalesce(bool_or(is_on) over (partition by meter order by clock rows between 3 preceding and 3 following), false) as is_near
  from on_off
  window w as (partition by meter order by clock),
    all_day as (partition by meter order by clock rows between unbounded preceding and unbounded following));

create or replace temp table block as
select meter, any_value(middle_kw) as middle_kw, count(*) filter (is_on) as hours_on,
  median(usual_kw) filter (is_on) - median(usual_kw) filter (not is_on) as block_kw, median(usual_kw) filter (not is_on) as rest_kw,
  count(*) filter (is_on and not before_on) as runs, avg(is_on::integer) filter (clock < 6) as night_ratio,
  (quantile_cont(usual_kw, 0.9) filter (is_inside) - quantile_cont(usual_kw, 0.1) filter (is_inside)) as uneven_kw,
  sum(abs(jump_kw)) filter (is_on <> before_on) as edge_kw
from switched group by meter;

create or replace temp table level as
select meter, (hour // 24)::integer as day, min(kwh, 2)[2] as level_kw
from reading r join switched s using (meter) where s.clock = r.hour % 24 and s.is_inside group by all;

create or replace temp table length as
select meter, (hour // 24)::integer as day, sum(greatest(0, least(1, (kwh - rest_kw) / block_kw))) as length_hours
from reading r join switched s using (meter) join block b using (meter)
where hour >= ({days} - 21) * 24 and s.clock = r.hour % 24 and s.is_near group by all;

create or replace temp table kept as
with middle as (
  select meter, median(level_kw) as kw, avg((level_kw > middle_kw)::integer) as kept from level join block using (meter)
  where day >= {days} - 21 group by meter
), hours as (select meter, median(length_hours) as hours from length group by meter)
select meter, any_value(kept) as kept, 1.4826 * median(abs(level_kw - kw)) as level_spread_kw,
  1.4826 * median(abs(length_hours - hours)) as length_spread
from level join middle using (meter) left join length using (meter, day) left join hours using (meter)
where day >= {days} - 21 group by meter;

-- Heating: Theil-Sen over pairs of two-day means 3, 5, 7 and 10 days apart.
create or replace temp table daily as
select meter, day, floor_kw, mean_kw, level_kw, length_hours, cold, heat
from by_day join axis using (day) left join level using (meter, day) left join length using (meter, day);

create or replace temp table two_days as
select meter, day, (floor_kw + lag(floor_kw) over w) / 2 as floor, (mean_kw + lag(mean_kw) over w) / 2 as mean,
  (level_kw + lag(level_kw) over w) / 2 as level, (length_hours + lag(length_hours) over w) / 2 as length,
  (cold + lag(cold) over w) / 2 as cold, (heat + lag(heat) over w) / 2 as heat
from daily window w as (partition by meter order by day);

create or replace temp table slopes as
with pairs as (
  select meter, day - lag(day, 3) over w3 as apart, 3 as wanted, floor - lag(floor, 3) over w3 as d_floor, mean - lag(mean, 3) over w3 as d_mean, level - lag(level, 3) over w3 as d_level, length - lag(length, 3) over w3 as d_length, cold - lag(cold, 3) over w3 as d_cold, heat - lag(heat, 3) over w3 as d_heat,
    least(cold, lag(cold, 3) over w3) as least_cold, least(heat, lag(heat, 3) over w3) as least_heat
  from two_days window w3 as (partition by meter order by day)
  union all
  select meter, day - lag(day, 5) over w5 as apart, 5 as wanted, floor - lag(floor, 5) over w5 as d_floor, mean - lag(mean, 5) over w5 as d_mean, level - lag(level, 5) over w5 as d_level, length - lag(length, 5) over w5 as d_length, cold - lag(cold, 5) over w5 as d_cold, heat - lag(heat, 5) over w5 as d_heat,
    least(cold, lag(cold, 5) over w5) as least_cold, least(heat, lag(heat, 5) over w5) as least_heat
  from two_days window w5 as (partition by meter order by day)
  union all
  select meter, day - lag(day, 7) over w7 as apart, 7 as wanted, floor - lag(floor, 7) over w7 as d_floor, mean - lag(mean, 7) over w7 as d_mean, level - lag(level, 7) over w7 as d_level, length - lag(length, 7) over w7 as d_length, cold - lag(cold, 7) over w7 as d_cold, heat - lag(heat, 7) over w7 as d_heat,
    least(cold, lag(cold, 7) over w7) as least_cold, least(heat, lag(heat, 7) over w7) as least_heat
  from two_days window w7 as (partition by meter order by day)
  union all
  select meter, day - lag(day, 10) over w10 as apart, 10 as wanted, floor - lag(floor, 10) over w10 as d_floor, mean - lag(mean, 10) over w10 as d_mean, level - lag(level, 10) over w10 as d_level, length - lag(length, 10) over w10 as d_length, cold - lag(cold, 10) over w10 as d_cold, heat - lag(heat, 10) over w10 as d_heat,
    least(cold, lag(cold, 10) over w10) as least_cold, least(heat, lag(heat, 10) over w10) as least_heat
  from two_days window w10 as (partition by meter order by day)
), used as (
  select *, abs(d_cold) >= 2.5 and least_cold > 0 as use_cold, abs(d_heat) >= 2.5 and least_heat > 0 as use_heat
  from pairs where apart = wanted
), quartiles as (
  select meter, quantile_cont(d_floor / d_cold, [0.25, 0.5, 0.75]) filter (use_cold) as floor_q,
    avg(sign(d_floor) * sign(d_cold)) filter (use_cold) as floor_agreement, count(d_floor) filter (use_cold) as floor_pairs,
    quantile_cont(d_floor / d_heat, [0.25, 0.5, 0.75]) filter (use_heat) as cooling_q,
    avg(sign(d_floor) * sign(d_heat)) filter (use_heat) as cooling_agreement, count(d_floor) filter (use_heat) as cooling_pairs,
    quantile_cont(d_mean / d_cold, [0.25, 0.5, 0.75]) filter (use_cold) as mean_q,
    avg(sign(d_mean) * sign(d_cold)) filter (use_cold) as mean_agreement, count(d_mean) filter (use_cold) as mean_pairs,
    quantile_cont(d_level / d_cold, [0.25, 0.5, 0.75]) filter (use_cold) as level_q,
    avg(sign(d_level) * sign(d_cold)) filter (use_cold) as level_agreement, count(d_level) filter (use_cold) as level_pairs,
    quantile_cont(d_length / d_cold, [0.25, 0.5, 0.75]) filter (use_cold) as length_q,
    avg(sign(d_length) * sign(d_cold)) filter (use_cold) as length_agreement, count(d_length) filter (use_cold) as length_pairs
  from used group by meter
)
select meter, floor_q[2] as floor_signed, floor_agreement, ((floor_q[3] - floor_q[1]) / 1.349 / sqrt(floor_pairs / 4)) as floor_error,
    coalesce(greatest(0, floor_q[2]) * least(1, greatest(0, (floor_agreement - 0.1) / 0.25)) ** 2 * (3 - 2 * least(1, greatest(0, (floor_agreement - 0.1) / 0.25))), 0) as floor_slope,
  cooling_q[2] as cooling_signed, cooling_agreement, ((cooling_q[3] - cooling_q[1]) / 1.349 / sqrt(cooling_pairs / 4)) as cooling_error,
    coalesce(greatest(0, cooling_q[2]) * least(1, greatest(0, (cooling_agreement - 0.1) / 0.25)) ** 2 * (3 - 2 * least(1, greatest(0, (cooling_agreement - 0.1) / 0.25))), 0) as cooling_slope,
  mean_q[2] as mean_signed, mean_agreement, ((mean_q[3] - mean_q[1]) / 1.349 / sqrt(mean_pairs / 4)) as mean_error,
    coalesce(greatest(0, mean_q[2]) * least(1, greatest(0, (mean_agreement - 0.1) / 0.25)) ** 2 * (3 - 2 * least(1, greatest(0, (mean_agreement - 0.1) / 0.25))), 0) as mean_slope,
  level_q[2] as level_signed, level_agreement, ((level_q[3] - level_q[1]) / 1.349 / sqrt(level_pairs / 4)) as level_error,
    coalesce(greatest(0, level_q[2]) * least(1, greatest(0, (level_agreement - 0.1) / 0.25)) ** 2 * (3 - 2 * least(1, greatest(0, (level_agreement - 0.1) / 0.25))), 0) as level_slope,
  length_q[2] as length_signed, length_agreement, ((length_q[3] - length_q[1]) / 1.349 / sqrt(length_pairs / 4)) as length_error,
    coalesce(greatest(0, length_q[2]) * least(1, greatest(0, (length_agreement - 0.1) / 0.25)) ** 2 * (3 - 2 * least(1, greatest(0, (length_agreement - 0.1) / 0.25))), 0) as length_slope
from quartiles;

create or replace temp table fit as
with lowest as (
  select meter, quantile_cont(floor_kw - floor_slope * cold, 0.1) filter (cold > 0) as floor_rest,
    quantile_cont(floor_kw - cooling_slope * heat, 0.1) filter (heat > 0) as cooling_rest,
    quantile_cont(mean_kw - mean_slope * cold, 0.1) filter (cold > 0) as mean_rest,
    quantile_cont(level_kw - level_slope * cold, 0.1) filter (cold > 0) as level_rest,
    quantile_cont(length_hours - length_slope * cold, 0.1) filter (cold > 0) as length_rest
  from daily join slopes using (meter) group by meter
)
select *, if(floor_slope > 0 and floor_rest < 0, -floor_rest / floor_slope, 0) as floor_start,
  if(cooling_slope > 0 and cooling_rest < 0, -cooling_rest / cooling_slope, 0) as cooling_start,
  if(mean_slope > 0 and mean_rest < 0, -mean_rest / mean_slope, 0) as mean_start,
  if(level_slope > 0 and level_rest < 0, -level_rest / level_slope, 0) as level_start,
  if(length_slope > 0 and length_rest < 0, -length_rest / length_slope, 0) as length_start
from slopes left join lowest using (meter);

create or replace temp table adjusted as
select meter, day, floor_kw, mean_kw, cold, heat,
  coalesce(floor_slope * greatest(0, cold - floor_start), 0)
    + coalesce(cooling_slope * greatest(0, heat - cooling_start), 0) as floor_part_kw,
  coalesce(mean_slope * greatest(0, cold - mean_start), 0) as mean_part_kw
from daily left join fit using (meter);

create or replace temp table thermal as
select meter, avg(floor_part_kw) filter (day >= {days} - 14) as explained_floor_kw,
  avg(mean_part_kw) filter (day >= {days} - 14) as explained_mean_kw,
  median(floor_kw - floor_part_kw) filter (day >= {days} - 14) as remainder_kw,
  median(floor_kw) filter (cold < 4 and heat = 0) as mild_floor_kw
from adjusted group by meter;

-- Two levels of the floor, split where the variance between is greatest.
create or replace temp table levels as
with ordered as (
  select meter, floor_kw, row_number() over w as n, count(*) over all_days as days, sum(floor_kw) over w as below,
    sum(floor_kw) over all_days as total
  from by_day where day >= {days} - 60
  window w as (partition by meter order by floor_kw rows unbounded preceding), all_days as (partition by meter)
), split as (
  select meter, arg_max(floor_kw, n * (days - n) * (below / n - (total - below) / (days - n)) ** 2) as split_kw
  from ordered where n < days group by meter
), sides as (
  select meter, day, floor_kw, floor_kw > split_kw as is_high, cold, heat, cold_spell, heat_spell,
    lag(floor_kw > split_kw) over (partition by meter order by day) as was_high
  from by_day join split using (meter) join axis using (day) where day >= {days} - 60
), middle as (
  select meter, median(floor_kw) filter (is_high) as high_kw, median(floor_kw) filter (not is_high) as low_kw,
    count(*) filter (is_high <> was_high) as switches,
    greatest((avg(cold) filter (is_high) - avg(cold) filter (not is_high)) / stddev_pop(cold),
      (avg(cold_spell) filter (is_high) - avg(cold_spell) filter (not is_high)) / stddev_pop(cold_spell)) as cold_shift,
    greatest((avg(heat) filter (is_high) - avg(heat) filter (not is_high)) / stddev_pop(heat),
      (avg(heat_spell) filter (is_high) - avg(heat_spell) filter (not is_high)) / stddev_pop(heat_spell)) as heat_shift
  from sides group by meter
)
select meter, any_value(high_kw - low_kw) as step_kw, any_value(switches) as switches, any_value(cold_shift) as cold_shift,
  any_value(heat_shift) as heat_shift, 1.4826 * median(abs(floor_kw - high_kw)) filter (is_high) as high_spread_kw,
  1.4826 * median(abs(floor_kw - low_kw)) filter (not is_high) as low_spread_kw
from sides join middle using (meter) group by meter;

-- The clearest steps of the floor and of the mean, up and down, heating taken off; weeks either side are compared.
create or replace temp table steps as
with curve as (
  select 'floor' as name, meter, day, floor_kw - floor_part_kw as kw from adjusted
  union all select 'mean', meter, day, mean_kw - mean_part_kw from adjusted
), sides as (
  select name, meter, day, avg(kw) over before as before_kw, count(*) over before as n_before, avg(kw) over after as after_kw,
    count(*) over after as n_after
  from curve
  window before as (partition by name, meter order by day range between 14 preceding and 1 preceding),
    after as (partition by name, meter order by day range between current row and 13 following)
), best as (
  select name, meter, direction, arg_max(day, n_before * n_after / (n_before + n_after) * (after_kw - before_kw) ** 2) as step_day
  from sides cross join (values (1), (-1)) d(direction)
  where n_before >= 7 and n_after >= 5 and direction * (after_kw - before_kw) > 0 group by all
), middle as (
  select name, meter, direction, any_value(step_day) as step_day, median(kw) filter (day < step_day) as before_kw,
    median(kw) filter (day >= step_day) as after_kw
  from curve join best using (name, meter) where day between step_day - 28 and step_day + 27 group by all
)
select name, meter, direction, any_value(step_day) as step_day, any_value(after_kw - before_kw) as step_kw,
  1.4826 * (median(abs(kw - before_kw)) filter (day < step_day) + median(abs(kw - after_kw)) filter (day >= step_day)) as scatter_kw
from curve join middle using (name, meter) where day between step_day - 28 and step_day + 27 group by all;

create or replace table feature as
with month as (select meter, sum(kwh) as month_kwh from reading where hour >= ({days} - 30) * 24 group by meter),
changes as (
  pivot (select meter, name || if(direction > 0, '_up', '_down') as change, step_day, step_kw, scatter_kw from steps)
  on change using first(step_day) as day, first(step_kw) as kw, first(scatter_kw) as scatter group by meter
)
select * from recent left join held using (meter) left join thermal using (meter) left join block using (meter)
left join kept using (meter) left join levels using (meter) left join fit using (meter) left join changes using (meter)
left join month using (meter);
