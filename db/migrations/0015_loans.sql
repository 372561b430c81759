-- Loans from the chain, and their money.
alter table public.loans add column repaid_amount_usdc numeric(78,6)
	not null default 0;
alter table public.loans add constraint loans_repaid_amount_check
	check (repaid_amount_usdc >= 0);
-- Loans that await their worker's registration.
create index loans_worker_wallet on public.loans (worker_wallet)
	where worker_id is null;

alter table chain.transfers drop constraint transfers_role_check;
alter table chain.transfers add constraint transfers_role_check
	check (role in ('plain', 'escrow', 'claim', 'cancel_payout',
		'cancel_refund', 'advance', 'repayment'));
alter table chain.transitions drop constraint transitions_subject_check;
alter table chain.transitions add constraint transitions_subject_check
	check (subject in ('stream', 'loan', 'transaction'));

grant select (repaid_amount_usdc) on public.loans to gigstream_readonly;
grant delete on public.loans to gigstream_daemon;
