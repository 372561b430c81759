-- $3: what is to be added, in the order of db/store/job.h.
update chain.jobs j
set tally = array(
	select t.n + coalesce(x.n, 0)
	from unnest(j.tally) with ordinality t (n, at)
	left join unnest($3::bigint[]) with ordinality x (n, at)
		on x.at = t.at
	order by t.at)
where j.chain_id = $1::bigint and j.id = $2::bigint
