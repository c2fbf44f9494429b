-- What stands on a day, from the text of the policy cn-standard alone; § are its clauses. All is counted in whole numbers: W in
-- fortieths of a second (tenths of a weight × quarters of factor and impact), r and fee by cross-multiplication.
-- Reads register (the records of the day) and subscriber (of both days), decided (outages that a day before decided).

create or replace temp macro day_of_week(t) as isodow(make_timestamp((t + 8 * 3600) * 1000000));
create or replace temp macro hour_of_day(t) as ((t + 8 * 3600) % 86400) // 3600;

create or replace temp macro ceil_div(a, b) as (a + b - 1) // b;

-- §3: weights in tenths. The week has no holiday, and no weekend that is worked in lieu.
create or replace temp macro weight(t) as case
    when hour_of_day(t) < 6 then 5
    when hour_of_day(t) < 9 then 10
    when hour_of_day(t) < 18 then if(day_of_week(t) <= 5, 15, 10)
    when hour_of_day(t) < 23 then 12
    else 10 end;

-- §3.1 which services a plan covers; §4 its share of data in tenths, its minutes of voice for a weighted hour.
create or replace temp table plan as
from (values ('DATA', ['DATA'], 10, 0), ('VOICE', ['VOICE', 'SMS'], 3, 10), ('CONVERGED', ['DATA', 'VOICE', 'SMS'], 6, 5))
    as p(plan, covers, share, minutes);

-- §2 factor, and impact, each in halves; §3.2 what has no end runs to as_of.
create or replace temp table counted as
select area, plan, outage_id, started, coalesce(ended, as_of) as ended, ended is null as going, party,
    case when cause in ('NATURAL_DISASTER', 'EXTREME_WEATHER', 'GOVERNMENT_ORDER') then 1 else 2 end
        * case impact when 'LOSS' then 2 else 1 end as quarters
from register join plan on services is null or list_has_any(services, covers);

-- §3.4: an instant counts once, for the outage with the greatest factor × impact, then the earliest, then the smaller id.
create or replace temp table slice as
with instants as (
    select area, plan, started as since from counted union select area, plan, ended from counted
    union
    select area, plan, unnest(range(min(started) // 3600 * 3600, max(ended), 3600)) from counted group by area, plan
), slices as (
    select area, plan, since, lead(since) over (partition by area, plan order by since) as until from instants
)
select s.area, s.plan, s.since, s.until, c.outage_id, (s.until - s.since) * weight(s.since) * c.quarters as w
from slices s join counted c on c.area = s.area and c.plan = s.plan and c.started <= s.since and c.ended >= s.until
qualify row_number() over (partition by s.area, s.plan, s.since order by quarters desc, started, outage_id) = 1;

-- An interruption is an unbroken run; §3.5: those under 30 minutes are dropped.
create or replace temp table of_interruption as
with marked as (
    select *, since is distinct from lag(until) over (partition by area, plan order by since) as begins_one from slice
)
select *, sum(begins_one::int) over (partition by area, plan order by since) as n from marked;

create or replace temp table interruption as
with whole as (
    select area, plan, n, min(since) as begins, max(until) as until, sum(until - since) as clock, sum(w) as w
    from of_interruption group by all having sum(until - since) >= 1800
)
select w.*, bool_or(c.going) as going, arg_min(c.outage_id, (c.started, c.outage_id)) as earliest
from whole w join counted c on c.area = w.area and c.plan = w.plan and c.started < w.until and c.ended > w.begins
group by all;

create or replace temp table part as
select area, plan, n, outage_id, sum(w) as w, sum(until - since) as clock from of_interruption group by all;

-- Whom it concerns, in which cycle it begins (§1, 6a; one that no extract named yet waits), with the facts of its earliest
-- outage's first decision (§4). A fact that is needed and not there decides nothing (§1, 7).
create or replace temp table concerned as
with known as (select subscriber_id, area, plan, max(day) as today from subscriber group by all),
placed as (
    select k.subscriber_id, i.*, c.cycle, coalesce(d.day, k.today) as fact_day
    from known k join interruption i using (area, plan)
    join (select distinct subscriber_id, cycle, cycle_end from subscriber) c
        on c.subscriber_id = k.subscriber_id and i.begins >= c.cycle and i.begins < c.cycle_end
    left join decided d on d.subscriber_id = k.subscriber_id and d.outage_id = i.earliest
)
select p.*, s.fee, s.allowance, s.remaining, s.has_services
from placed p join subscriber s on s.subscriber_id = p.subscriber_id and s.day = p.fact_day
where p.plan = 'VOICE' or s.allowance = 0 or s.remaining is not null;

-- §4 amounts, rounded up once; §5 (a). Base units: bytes, seconds, days.
create or replace temp table amount as
with rated as (
    select *, if(plan = 'VOICE' or allowance = 0, 10, case
        when remaining * 10 < allowance then if(fee < 5900, 15, if(fee < 12900, 18, 20))
        when remaining * 2 < allowance then if(fee < 5900, 12, if(fee < 12900, 13, 15))
        else if(fee < 5900, 10, if(fee < 12900, 11, 12)) end) as rate
    from concerned join plan using (plan)
    where not going
)
select subscriber_id, area, plan, n, cycle, begins, 'data' as benefit, 1048576 as unit, 30 * 1024 as cap,
    least(10 * 1024, ceil_div(200 * w * share * rate, 40 * 3600 * 100)) as quantity from rated
union all
select subscriber_id, area, plan, n, cycle, begins, 'voice', 60, 600,
    least(300, ceil_div(minutes * w, 40 * 3600)) from rated where minutes > 0
union all
select subscriber_id, area, plan, n, cycle, begins, 'value_added', 1, null,
    least(31, ceil_div(clock, 86400)) from rated where has_services and plan <> 'DATA';

-- §5 (c): interruptions take their turn in order of time; each has what the earlier ones of its cycle left.
create or replace temp table granted as
with summed as (
    select *, sum(quantity) over (partition by subscriber_id, cycle, benefit order by begins) as so_far from amount
)
select * exclude (quantity, so_far, cap), unit * if(cap is null, quantity, least(cap, so_far) - least(cap, so_far - quantity))::bigint
    as quantity
from summed;

-- §5b: split by W (days: by clock time), in base units by largest remainder, then the smaller id.
create or replace temp table stands as
with shares as (
    select subscriber_id, cycle, benefit, p.outage_id, quantity, n,
        quantity::hugeint * if(benefit = 'value_added', p.clock, p.w) as product,
        sum(if(benefit = 'value_added', p.clock, p.w)) over (partition by subscriber_id, n, benefit) as whole
    from granted join part p using (area, plan, n)
), floored as (
    select *, product // whole as floor, row_number() over (
        partition by subscriber_id, n, benefit order by product % whole desc, outage_id) as turn,
        quantity - sum(product // whole) over (partition by subscriber_id, n, benefit) as left_over
    from shares
)
select subscriber_id, cycle, outage_id, benefit, (floor + if(turn <= left_over, 1, 0))::bigint as quantity
from floored where floor + if(turn <= left_over, 1, 0) > 0;

-- §6: value at cost, half up to the fen, once for an outage.
create or replace temp table due as
with valued as (
    select subscriber_id, outage_id, sum(case benefit
        when 'data' then 2 * quantity::hugeint * 60
        when 'voice' then 10 * quantity::hugeint * 1048576
        else 100 * quantity::hugeint * 60 * 1048576 end) as value
    from stands group by all
)
select subscriber_id, outage_id, party, ((2 * value + 60 * 1048576) // (2 * 60 * 1048576))::bigint as amount
from valued join (select distinct outage_id, party from register where party is not null) using (outage_id)
where (2 * value + 60 * 1048576) // (2 * 60 * 1048576) > 0;
