-- What an account that sets off (§5a) books on top of what it holds: in booked, claimed. Then both, and over_granted, are of now.

create or replace temp table outage_order as select outage_id, min(started) as started from everything group by all;

-- What an outage took out of a cycle that it left goes with it into the one that it entered: at most its own excess there, what
-- is too much there in all, and what is missing here in all. Nothing here leaves one cycle for several.
create or replace temp table moved as
with here as (select distinct subscriber_id, outage_id, cycle from concerned join part using (area, plan, n)),
excess as (
    select b.*, h.cycle as entered, b.quantity - coalesce(s.quantity, 0) as own
    from booked b join here h on h.subscriber_id = b.subscriber_id and h.outage_id = b.outage_id
    left join stands s on (s.subscriber_id, s.outage_id, s.benefit, s.cycle) = (b.subscriber_id, b.outage_id, b.benefit, b.cycle)
    where b.cycle not in (select cycle from here x where x.subscriber_id = b.subscriber_id and x.outage_id = b.outage_id)
), balance as (
    select subscriber_id, cycle, benefit, sum(quantity)::bigint as more from (
        from stands union all select subscriber_id, cycle, outage_id, benefit, -quantity from booked
    ) group by all
)
select e.subscriber_id, e.outage_id, e.benefit, e.cycle as from_cycle, e.entered as to_cycle,
    least(own, -l.more, r.more) as quantity
from excess e
join balance l on (l.subscriber_id, l.cycle, l.benefit) = (e.subscriber_id, e.cycle, e.benefit)
join balance r on (r.subscriber_id, r.cycle, r.benefit) = (e.subscriber_id, e.entered, e.benefit)
where least(own, -l.more, r.more) > 0;

create or replace temp table held as
select subscriber_id, cycle, outage_id, benefit, sum(quantity)::bigint as quantity from (
    from booked
    union all select subscriber_id, from_cycle, outage_id, benefit, -quantity from moved
    union all select subscriber_id, to_cycle, outage_id, benefit, quantity from moved
) group by all having sum(quantity) <> 0;

-- What is missing in a cycle in all is given in order of time; what is too much in all is told of the latest first.
create or replace temp table compared as
with beside as (
    select coalesce(s.subscriber_id, h.subscriber_id) as subscriber_id, coalesce(s.cycle, h.cycle) as cycle,
        coalesce(s.outage_id, h.outage_id) as outage_id, coalesce(s.benefit, h.benefit) as benefit,
        coalesce(s.quantity, 0) as stands, coalesce(h.quantity, 0) as held
    from stands s full join held h on (s.subscriber_id, s.cycle, s.outage_id, s.benefit)
        = (h.subscriber_id, h.cycle, h.outage_id, h.benefit)
), ordered as (
    select *, sum(stands - held) over (partition by subscriber_id, cycle, benefit) as missing,
        sum(greatest(stands - held, 0)) over (partition by subscriber_id, cycle, benefit order by started, outage_id) as short_so_far,
        sum(greatest(held - stands, 0)) over (partition by subscriber_id, cycle, benefit order by started desc, outage_id desc) as over_so_far
    from beside join outage_order using (outage_id)
)
select *,
    greatest(0, least(missing, short_so_far) - greatest(0, least(missing, short_so_far - greatest(stands - held, 0))))::bigint as given,
    greatest(0, least(-missing, over_so_far)
        - greatest(0, least(-missing, over_so_far - greatest(held - stands, 0))))::bigint as over
from ordered;

create or replace temp table over_granted as
select subscriber_id, cycle, outage_id, benefit, over as quantity from compared where over > 0;

create or replace temp table booked as
select subscriber_id, cycle, outage_id, benefit, held + given as quantity from compared where held + given > 0;

create or replace temp table claimed as
select subscriber_id, outage_id, party, amount from due;

-- What was decided keeps the facts that it was decided with (§4).
insert into decided
select c.subscriber_id, o.outage_id, min(c.fact_day)
from concerned c join interruption i using (area, plan, n)
join counted o on o.area = c.area and o.plan = c.plan and o.started < i.until and o.ended > i.begins
where not exists (from decided d where d.subscriber_id = c.subscriber_id and d.outage_id = o.outage_id)
group by all;
