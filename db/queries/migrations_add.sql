insert into chain.migrations (name, checksum) values ($1, $2)
on conflict (name) do update set checksum = excluded.checksum
