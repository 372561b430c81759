insert into chain.migrations (name, checksum) values ($1::text, $2::text)
on conflict (name) do update set checksum = excluded.checksum
