insert into public.tasks (worker_id, platform_id, title, type, payment_amount_usdc) values (:worker, :platform, 'A task', 'fixed', 12.5) returning id;
