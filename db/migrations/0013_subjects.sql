-- An event of a contract is about a stream, a loan, a wallet (as a number), or
-- (0) the contract itself. Streams and loans (kinds 1..49) are folds of theirs.
alter table chain.events rename column stream_id to subject;
alter index chain.events_stream rename to events_subject;
