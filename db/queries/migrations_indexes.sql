-- A migration finds the schema whole: what a backfill has deferred is built
-- first, in its transaction. (Before 0026 there is nothing of the kind.)
do $$
begin
	if to_regprocedure('chain.restore_index()') is not null then
		while chain.restore_index() > 0 loop
			null;
		end loop;
	end if;
end
$$
