-- As describe.sql calls them; and since when they are missing.
select relation || ' index ' || quote_ident(name),
	to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from chain.deferred_indexes
order by 1
