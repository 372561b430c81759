// db seed: demo data, complete, repeatable, and never among real data.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { query } from '../devchain/postgres.mjs'
import { program, run } from './lib.mjs'

const url = process.env.DATABASE_URL
const db = (...args) => run(['db', ...args], { DATABASE_URL: url })
const sql = text => query(url, text)
const rows = { workers: 10, platforms: 5, tasks: 20, streams: 8, transactions: 11, reputation_events: 21, loans: 5,
  audit_logs: 30 }
const tables = Object.keys(rows)
const counts = async () => Object.fromEntries(await Promise.all(tables.map(async table =>
  [table, (await sql(`select count(*)::int as n from ${table}`))[0].n])))
// Everything in it, and which transaction has written it.
const contents = async () => Promise.all([...tables, 'stats.workers', 'stats.platforms', 'stats.platform_workers']
  .map(table => sql(`select xmin::text, t::text from ${table} t order by 2`)))

test('without a schema it says what to run', () => {
  const failed = db('seed')
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /the schema is not applied; run: gigstreamd db push/)
})

test('two at once: one adds everything', async () => {
  assert.equal(db('push').code, 0)
  const said = await Promise.all([1, 2].map(async () => {
    const child = spawn(program, ['db', 'seed'], { env: { ...process.env, DATABASE_URL: url } })
    const chunks = []
    child.stdout.on('data', chunk => chunks.push(chunk))
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    return chunks.join('')
  }))
  assert.deepEqual(await counts(), rows)
  const text = tables.map(table =>
    `${table.padEnd(18)} ${String(rows[table]).padStart(3)} added, ${String(rows[table]).padStart(3)} there\n`).join('')
  assert.deepEqual(said.sort(), ['the demo data is there already; nothing is changed\n', text])
})

test('a second run changes nothing', async () => {
  const before = await contents()
  const again = db('seed')
  assert.deepEqual([again.code, again.stdout], [0, 'the demo data is there already; nothing is changed\n'])
  assert.deepEqual(JSON.parse(db('seed', '--json').stdout),
    Object.fromEntries(tables.map(table => [table, { added: 0, there: rows[table] }])))
  assert.deepEqual(await contents(), before)
  assert.equal(db('check').code, 0)
})

test('every type and status is there', async () => {
  const kinds = [['task_status', 'tasks', 'status'], ['task_type', 'tasks', 'type'], ['stream_status', 'streams', 'status'],
    ['transaction_status', 'transactions', 'status'], ['transaction_type', 'transactions', 'type'],
    ['reputation_event_type', 'reputation_events', 'event_type']]
  for (const [type, table, column] of kinds) {
    const missing = await sql(`select unnest(enum_range(null::${type})) except select ${column} from ${table}`)
    assert.deepEqual(missing, [], `${table}.${column}`)
  }
  const distinct = async (table, column) =>
    (await sql(`select distinct ${column} as v from ${table} order by 1`)).map(row => row.v)
  assert.equal((await distinct('loans', 'status')).length, 5)
  assert.deepEqual(await distinct('workers', 'status'), ['active', 'inactive', 'suspended'])
  assert.deepEqual(await distinct('workers', 'kyc_status'), ['approved', 'not_started', 'pending', 'rejected'])
  assert.deepEqual(await distinct('platforms', 'status'), ['active', 'inactive', 'suspended'])
  assert.deepEqual(await distinct('audit_logs', 'actor_type'), ['operator', 'platform', 'system', 'worker'])
  assert.deepEqual(await distinct('audit_logs', 'success'), [false, true])
  assert.deepEqual(await distinct('tasks', 'verification_status'), ['pending', 'rejected', 'verified'])
})

test('the statistics are what the rows say', async () => {
  const numbers = () => sql(`select id, total_tasks, total_earned, completion_rate, account_age_days from workers
    union all select id, total_tasks, total_payouts, unique_workers, null from platforms order by 1`)
  const before = await numbers()
  assert.ok(before.some(row => row.total_tasks > 1))
  await sql('select stats.recount()')
  assert.deepEqual(await numbers(), before)
  assert.equal(db('account-ages').stdout, '0 workers updated\n')
  const wrong = await sql(`select w.id from workers w where reputation_score <> coalesce((select new_score
    from reputation_events e where e.worker_id = w.id order by created_at desc limit 1), 100)`)
  assert.deepEqual(wrong, [])
  const rows = await sql(`select e.id from reputation_events e where previous_score <> coalesce((select new_score
    from reputation_events p where p.worker_id = e.worker_id and p.created_at < e.created_at
    order by created_at desc limit 1), 100)`)
  assert.deepEqual(rows, [])
  // What is paid for a task went by a confirmed payout.
  const unpaid = await sql(`select t.id from tasks t where paid_amount_usdc <> coalesce((select sum(amount_usdc)
    from transactions x where x.task_id = t.id and type = 'payout' and status = 'confirmed'), 0)`)
  assert.deepEqual(unpaid, [])
  const claims = await sql(`select s.id from streams s where (claimed_amount_usdc, refunded_amount_usdc) <> (select
    coalesce(sum(amount_usdc) filter (where type = 'payout'), 0),
    coalesce(sum(amount_usdc) filter (where type = 'refund'), 0) from transactions x where x.stream_id = s.id)`)
  assert.deepEqual(claims, [])
})

test('it is nobody real, and gives nothing away', async () => {
  const people = await sql('select email from workers union all select email from platforms')
  assert.ok(people.every(({ email }) => /[@.]example\.com$/.test(email)))
  const keys = (await sql('select api_key_hash as hash from platforms')).map(row => row.hash)
  assert.equal(new Set(keys).size, 5)
  assert.doesNotMatch(JSON.stringify(await contents()), /gsk_/)
  assert.equal(db('drop', '--yes').code, 0)
  assert.equal(db('push').code, 0)
  assert.equal(db('seed').code, 0)
  const others = (await sql('select api_key_hash as hash from platforms')).map(row => row.hash)
  assert.ok(others.every(hash => !keys.includes(hash)))
})

test('what was deleted is added again', async () => {
  await sql("delete from loans where status = 'pending'")
  const again = db('seed')
  assert.match(again.stdout, /^loans +1 added, +5 there$/m)
  assert.deepEqual(await counts(), rows)
})

test('real data refuses it, and nothing is written', async () => {
  const wallet = "'0x' || repeat('1', 40)"
  const cases = {
    worker: ['workers', `(email, display_name, wallet_address) values ('r@real.org', 'R', ${wallet})`],
    platform: ['platforms', "(name, email, api_key_hash) values ('R', 'r@real.org', repeat('a', 64))"],
    task: ['tasks', "(platform_id, title, type, payment_amount_usdc) select id, 'T', 'fixed', 1 from platforms limit 1"],
    stream: ['streams', `(worker_wallet, platform_wallet, chain_id, contract_address, contract_stream_id,
      total_amount_usdc, start_time) values (${wallet}, ${wallet}, 1, ${wallet}, 1, 1, now())`],
    transaction: ['transactions', `(type, amount_usdc, from_wallet, to_wallet, chain_id) values ('fee', 1, ${wallet},
      ${wallet}, 1)`],
    'reputation event': ['reputation_events', `(worker_wallet, event_type, points_delta) values (${wallet}, 'task_late', 1)`],
    loan: ['loans', `(worker_wallet, requested_amount_usdc) values (${wallet}, 1)`],
    'audit entry': ['audit_logs', "(actor_type, action, resource_type) values ('system', 'a', 'b')"],
    chain: ['chain.chains', String.raw`(chain_id, genesis_hash, start_block, start_hash) values (7, '\x00', 0, '\x00')`],
  }
  await sql("delete from loans where status = 'pending'")
  const before = await contents()
  for (const [name, [table, row]] of Object.entries(cases)) {
    const id = table === 'chain.chains' ? 'chain_id' : 'id'
    const [made] = await sql(`insert into ${table} ${row} returning ${id} as id`)
    const refused = db('seed')
    assert.deepEqual([refused.code, refused.stdout], [1, ''], name)
    assert.ok(refused.stderr.includes(`more than demo data (${name} ${made.id})`), refused.stderr)
    assert.match(refused.stderr, /another database/)
    assert.equal((await counts()).loans, name === 'loan' ? 5 : 4)
    await sql(`begin; set local session_replication_role = replica;
      delete from ${table} where ${id} = '${made.id}'; commit`)
  }
  await sql('select stats.recount()')
  assert.deepEqual((await contents()).slice(2, 8), before.slice(2, 8))
})
