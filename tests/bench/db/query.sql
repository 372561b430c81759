\set n random(1, 5000)
select id, display_name, wallet_address, status, reputation_score, total_tasks, total_earned from public.workers where lower(email) = 'g' || :n || '@example.com' and deleted_at is null;
