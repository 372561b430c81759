delete from public.loans where id = any ($1::uuid[])
