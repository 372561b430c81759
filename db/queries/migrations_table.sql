create table if not exists chain.migrations (
	name text primary key,
	checksum text not null,
	applied_at timestamptz not null default now()
)
