// Rows that were damaged say again what their facts say, under their old ids,
// with what applications put there.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fundLoans } from '../devchain/deploy.mjs'
import { until } from '../devchain/lifetime.mjs'
import { topicOf, word } from '../devchain/logs.mjs'
import { connect } from '../devchain/postgres.mjs'
import { confirmed, rebuild, rebuildsNothing } from './lib/scratch.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld({}, undefined, { loans: true, reputation: true })
const { chain, contracts, actions, workers, openDaemon } = world
const { owner } = chain
const [ann, bob] = workers

await fundLoans(actions, owner, workers, usdc(5000))
await playScenario(world)
await actions.mint(ann.address, usdc(100))
const { id: loan } = await actions.requestAdvance(ann, usdc(100))
await actions.approveLoan(owner, loan, usdc(100), 250n)
await actions.repayLoan(owner, loan, usdc(10))
await actions.requestAdvance(bob, usdc(20))
await actions.recordTask(owner, ann.address, 7n, true, 5)
// Of a stream that was never created: a contradiction.
await actions.emitLog(contracts.streaming, [topicOf('PaymentReleased(uint256,address,uint256,uint256)'), word(4242n), word(1n)],
  word(5n) + word(5n).slice(2))
await chain.mine(80)

const daemon = await openDaemon()
await daemon.addPeople()
const running = daemon.start()
await running.ready()
await daemon.caughtUp()
await confirmed(chain, daemon)
await daemon.sql(`update streams set metadata = '{"note": 1}' where contract_stream_id = 1`)
await daemon.sql(`update loans set metadata = '{"note": 1}', risk_score = 7 where contract_loan_id = $1`, [loan])
await daemon.sql(`update transactions set fee_usdc = 0.5, retry_count = 3, metadata = '{"note": 1}' where type = 'repayment'`)

// What a rebuild can know: all but when rows were written, and how deep a block
// was when its row was.
const questions = {
  streams: `select to_jsonb(t) - '{created_at,updated_at}'::text[] as row from streams t order by id`,
  loans: `select to_jsonb(t) - '{created_at,updated_at}'::text[] as row from loans t order by id`,
  transactions: `select to_jsonb(t) - '{created_at,updated_at,confirmations}'::text[] as row from transactions t order by id`,
  transfers: 'select block_hash, log_index, role from chain.transfers order by block_number, log_index',
  events: 'select block_hash, log_index, detail from chain.events order by block_number, log_index',
  quarantine: 'select block_hash, log_index, malformed, reason from chain.quarantine order by block_number, log_index',
  reputation: 'select * from reputation_events order by id',
}
async function books() {
  const all = {}
  for (const [name, text] of Object.entries(questions)) all[name] = await daemon.sql(text)
  return all
}
const right = await books()

// As only a superuser can: without the triggers and the foreign keys.
async function damage(statement) {
  const client = await connect(daemon.database)
  try {
    await client.query('set session_replication_role = replica')
    const { rowCount } = await client.query(statement)
    assert.ok(rowCount > 0, `nothing to damage: ${statement}`)
  } finally {
    await client.end()
  }
}

const nobody = `'0x${'9'.repeat(40)}'`
const nothing = `'0x${'0'.repeat(63)}9'`
const damages = {
  'amounts and status of streams': `update streams set claimed_amount_usdc = 0, refunded_amount_usdc = 0, status = 'paused', end_time = null`,
  'who a stream is between': `update streams set worker_id = null, platform_id = null, worker_wallet = ${nobody}`,
  'streams that are gone': `delete from streams where metadata = '{}'`,
  'a stream that never was': `insert into streams (worker_wallet, platform_wallet, chain_id, contract_address, contract_stream_id,
    total_amount_usdc, start_time) select worker_wallet, platform_wallet, chain_id, contract_address, 999, 1, now() from streams limit 1`,
  'amounts and status of loans': `update loans set repaid_amount_usdc = 0, status = 'defaulted', due_date = null`,
  'an active loan that says disbursed': `update loans set status = 'disbursed', worker_id = null`,
  'loans that are gone': `delete from loans where metadata = '{}'`,
  'a loan that never was': `insert into loans (worker_wallet, chain_id, contract_address, contract_loan_id, requested_amount_usdc)
    select worker_wallet, chain_id, contract_address, 999, 1 from loans limit 1`,
  'what transactions are': `update transactions set type = 'fee', worker_id = null, stream_id = null, loan_id = null`,
  'whose transactions are': `update transactions set amount_usdc = amount_usdc + 1, from_wallet = ${nobody}`,
  'in which transaction they are': `update transactions set tx_hash = '0x' || md5(id::text) || md5(id::text), ordinal = 3`,
  'where transactions stand': `update transactions set block_number = null, block_hash = null, log_index = null, status = 'submitted'`,
  'when transactions were': `update transactions set submitted_at = now(), confirmed_at = null, status = 'submitted'`,
  'transactions that have failed, or so they say': `update transactions set status = 'failed', error_message = 'orphaned'`,
  'transactions that are gone': `delete from transactions where metadata = '{}'`,
  'what explains a transfer': `update chain.transfers set role = case role when 'plain' then 'claim' else 'plain' end`,
  'what events say': `update chain.events set detail = '{}' where kind >= 50`,
  'a contradiction that is not told': 'delete from chain.quarantine where not malformed',
  'a contradiction with another reason': `update chain.quarantine set reason = 'other' where not malformed`,
  'contradictions that are none': `insert into chain.quarantine (chain_id, malformed, block_number, block_hash, block_time, tx_index,
    log_index, tx_hash, contract, part, topics, data, reason) select chain_id, false, block_number, block_hash, block_time, tx_index,
    log_index, tx_hash, contract, part, topics, data, 'none' from chain.events where kind = 1`,
  'contradictions of nothing': `insert into chain.quarantine (chain_id, malformed, block_number, block_hash, block_time, tx_index,
    log_index, tx_hash, contract, part, topics, data, reason) select chain_id, false, block_number, block_hash, block_time, tx_index,
    log_index + 1000, tx_hash, contract, part, topics, data, 'none' from chain.events where kind = 1`,
}

async function mended() {
  const changed = await rebuild(daemon)
  assert.deepEqual(await books(), right)
  return changed
}

async function eachDamage() {
  for (const [name, statement] of Object.entries(damages)) {
    await damage(statement)
    assert.notDeepEqual(await books(), right, name)
    await mended().catch((error) => {
      error.message = `${name}: ${error.message}`
      throw error
    })
  }
}

test('right books stay as they are', async () => {
  await rebuildsNothing(daemon)
})

test('each damage, mended by the daemon that leads', eachDamage)

test('a wallet that nobody has any more keeps what it was paid', async () => {
  const [{ wallet_address: wallet }] = await daemon.sql('select wallet_address from workers where wallet_address = $1', [bob.address.toLowerCase()])
  await daemon.sql(`update workers set wallet_address = ${nobody} where wallet_address = $1`, [wallet])
  await until('the new wallet to be watched', async () =>
    (await daemon.sql('select from chain.watched where since is null or not linked')).length === 0)
  await rebuildsNothing(daemon)
  await daemon.sql(`update workers set wallet_address = $1 where wallet_address = ${nobody}`, [wallet])
  await until('the old wallet to be watched', async () =>
    (await daemon.sql('select from chain.watched where not linked')).length === 0)
  await rebuildsNothing(daemon)
  assert.deepEqual(await books(), right)
})

test('each damage, mended without a daemon and without a node', async () => {
  await running.stop()
  await world.anvil.stop()
  await eachDamage()
  await rebuildsNothing(daemon)
})

test('what no fact explains is told as such', async () => {
  await damage(damages['a stream that never was'])
  const [{ id }] = await daemon.sql('select id from streams where contract_stream_id = 999')
  await damage(`insert into transactions (type, status, amount_usdc, from_wallet, to_wallet, chain_id, tx_hash, ordinal, log_index,
    block_number, block_hash) values ('payout', 'confirmed', 1, ${nobody}, ${nobody}, 31337, ${nothing}, 0, 1, 5, ${nothing})`)
  const changed = await rebuild(daemon)
  assert.deepEqual([changed.streams.removed, changed.transactions.updated], [1, 1])
  assert.deepEqual(await daemon.sql('select to_status, reason from chain.transitions where row_id = $1', [id]),
    [{ to_status: null, reason: 'rebuild' }])
  const [row] = await daemon.sql(`select id, status, block_number from transactions where tx_hash = ${nothing}`)
  assert.deepEqual([row.status, row.block_number], ['submitted', null])
  assert.deepEqual(await daemon.sql('select from_status, to_status, reason from chain.transitions where row_id = $1', [row.id]),
    [{ from_status: 'confirmed', to_status: 'submitted', reason: 'rebuild' }])
  await damage(`delete from transactions where tx_hash = ${nothing}`)
})

test('killed in the middle, and run again', async () => {
  for (const statement of [damages['transactions that are gone'], damages['streams that are gone']]) await damage(statement)
  const jobs = async () => (await daemon.sql(`select from chain.jobs where kind = 'rebuild'`)).length
  const before = await jobs()
  const first = daemon.start(['rebuild'])
  await until('the job to be there', async () => (await jobs()) > before, { everyMs: 5 })
  await first.stop('SIGKILL')
  await mended()
})

test('what cannot be rebuilt is said', async () => {
  const elsewhere = await daemon.run(['rebuild'], { GIGSTREAM_CHAIN_ID: '4242' })
  assert.equal(elsewhere.code, 1)
  assert.match(elsewhere.stderr, /chain 4242 is not in the database yet: first gigstreamd run/)
  const text = readFileSync(daemon.config, 'utf8')
  writeFileSync(daemon.config, text.replaceAll(contracts.streaming.address, chain.account(15).address))
  const { code, stderr } = await daemon.run(['rebuild'])
  writeFileSync(daemon.config, text)
  assert.equal(code, 1)
  assert.match(stderr, /is not one of contract 0x[0-9a-f]{40} as configured; list the contract again under contracts/)
  await rebuildsNothing(daemon) // the job that failed is over
})
