-- Who registers late has his reputation at once, as his streams and loans: what
-- is final was read already, and his history looks for Transfers only.
alter function chain.link(bigint, bytea[]) rename to link_rows;
create function chain.link(chain bigint, wallets bytea[]) returns void
language plpgsql as $$
begin
	perform chain.link_rows(chain, wallets);
	perform chain.publish_reputation_of(chain,
		array(select chain.hex(w) from unnest(wallets) w));
end
$$;

revoke execute on function chain.link(bigint, bytea[]) from public;
grant execute on function chain.link(bigint, bytea[]) to gigstream_daemon;
