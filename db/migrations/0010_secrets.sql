-- Secrets that somebody has to read again are stored encrypted (common/seal.h):
-- "v", a version, ":" and base64. The database refuses one in plain text.
do $$
declare
	workers constant bigint := (select count(*) from public.workers
		where wallet_id !~ '^v[0-9]+:[A-Za-z0-9+/]+=*$');
	platforms constant bigint := (select count(*) from public.platforms
		where webhook_secret !~ '^v[0-9]+:[A-Za-z0-9+/]+=*$');
begin
	if workers + platforms > 0 then
		raise exception 'secrets in plain text: % in '
			'workers.wallet_id, % in platforms.webhook_secret',
			workers, platforms
			using errcode = 'check_violation',
			hint = 'Copy them to a safe place, set them to NULL, '
			'run this again, then store each with gigstreamd '
			'worker set-wallet-id or platform set-secret.';
	end if;
end
$$;

alter table public.workers add constraint workers_wallet_id_check
	check (wallet_id ~ '^v[0-9]+:[A-Za-z0-9+/]+=*$');
alter table public.platforms add constraint platforms_webhook_secret_check
	check (webhook_secret ~ '^v[0-9]+:[A-Za-z0-9+/]+=*$');
