-- The twelve features of every household from a long table `reading(meter, hour, kwh)` and `weather(day, celsius)`,
-- hours counted from the first midnight, day 0 a weekday given as `{weekday}` (0 = Monday).
create or replace table feature as
with hourly as (
  select meter, hour, kwh, hour // 24 as day, hour % 24 as clock, lag(kwh, 24) over (partition by meter order by hour) as before
  from reading
), daily as (
  select meter, day, avg(kwh) as kw from hourly group by all
), split as (
  select meter, day, kw, avg(kw) over w as mean_before, count(*) over w as n_before,
    avg(kw) over (partition by meter order by day rows between 1 following and unbounded following) as mean_after,
    count(*) over (partition by meter order by day rows between 1 following and unbounded following) as n_after
  from daily window w as (partition by meter order by day rows between unbounded preceding and current row)
), step as (
  select meter, arg_max(mean_after - mean_before, gain) as step_kw, arg_max(day + 1, gain) as step_day
  from (select *, n_before * n_after * (mean_after - mean_before) ** 2 as gain from split
        where n_before >= 7 and n_after >= 7)
  group by meter
), cold as (
  select meter, corr(kw, celsius) as temperature_corr from daily join weather using (day) group by meter
), basic as (
  select meter, avg(kwh) as mean_kw, max(kwh) as max_kw, stddev_pop(kwh) / avg(kwh) as cv,
    avg(kwh) / max(kwh) as load_factor,
    avg(kwh) filter (clock < 6) / avg(kwh) filter (clock between 9 and 20) as night_day,
    quantile_cont(kwh, 0.05) as p05_kw, quantile_cont(kwh, 0.05) / avg(kwh) as p05_mean,
    avg(kwh) filter ((day + {weekday}) % 7 >= 5) / avg(kwh) filter ((day + {weekday}) % 7 < 5) as weekend,
    corr(kwh, before) as acf24
  from hourly group by meter
)
select * from basic left join step using (meter) left join cold using (meter);
