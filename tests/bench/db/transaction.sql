begin;
insert into public.tasks (worker_id, platform_id, title, type, payment_amount_usdc) values (:worker, :platform, 'A task', 'fixed', 12.5) returning id \gset
insert into public.transactions (task_id, worker_id, platform_id, type, amount_usdc, from_wallet, to_wallet, chain_id) values (:id, :worker, :platform, 'payout', 12.5, '0x' || repeat('1', 40), '0x' || repeat('2', 40), 1);
update public.tasks set status = 'in_progress' where id = :id;
commit;
