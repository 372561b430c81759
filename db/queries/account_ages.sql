-- How many workers have aged (NULL: that was done today already), and the
-- milliseconds until it is due again, by the database's clock.
select public.gigstream_update_account_ages(),
	ceil(86400000 - extract(epoch from clock.now) * 1000 % 86400000)::bigint
from (select now()) clock (now)
