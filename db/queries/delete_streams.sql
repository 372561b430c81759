delete from public.streams where id = any ($1::uuid[])
