select name, checksum,
	to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from chain.migrations
order by name
