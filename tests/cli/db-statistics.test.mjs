// The statistics under concurrency: several sessions at once, and at the end
// every total is what the rows say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from '../devchain/postgres.mjs'
import { randomFrom } from '../e2e/lib/random.mjs'
import { wrongStatistics } from '../e2e/lib/tables.mjs'
import { run } from './lib.mjs'

const url = process.env.DATABASE_URL
const sessions = 8
const transactions = 25

const statuses = ['created', 'assigned', 'in_progress', 'completed', 'disputed', 'cancelled']

// Deadlocks between transactions of several statements are part of the test:
// they are to be found at once.
const session = () => connect(url, { options: '-c deadlock_timeout=5ms' })

async function populate(client) {
  await client.query(`
    insert into workers (email, display_name, wallet_address)
    select format('w%s@example.com', n), 'W', '0x' || lpad(to_hex(n), 40, '0') from generate_series(1, 5) n;
    insert into platforms (name, email, api_key_hash)
    select 'P', format('p%s@example.com', n), encode(sha256(n::text::bytea), 'hex') from generate_series(1, 3) n`)
  const ids = async (table) => (await client.query(`select id from ${table} order by id`)).rows.map((r) => r.id)
  return { workers: await ids('workers'), platforms: await ids('platforms') }
}

// One random statement; several make a transaction.
function statement(random, { workers, platforms }) {
  const pick = random.oneOf
  const some = `id in (select id from tasks order by md5(id::text || ${random.between(0, 999)}) limit ${random.between(1, 5)})`
  return pick([
    () => [`insert into tasks (worker_id, platform_id, title, type, payment_amount_usdc, status)
      select $1, $2, 'T', 'fixed', 1.5, $3 from generate_series(1, 3)`, [pick(workers), pick(platforms), pick(statuses)]],
    () => [`update tasks set status = 'completed' where status <> 'cancelled' and ${some}`, []],
    () => [`update tasks set status = 'in_progress' where status in ('completed', 'created') and ${some}`, []],
    () => [`update tasks set worker_id = $1, platform_id = $2 where ${some}`, [pick(workers), pick(platforms)]],
    () => [`update tasks set deleted_at = case when deleted_at is null then now() end where ${some}`, []],
    () => [`delete from tasks where ${some}`, []],
    () => [`insert into transactions (worker_id, platform_id, type, status, amount_usdc, from_wallet, to_wallet, chain_id, tx_hash)
      values ($1, $2, 'payout', 'submitted', 2, '0x' || repeat('1', 40), '0x' || repeat('2', 40), 1,
        '0x' || encode(sha256(uuid_send(gen_random_uuid())), 'hex'))`, [pick(workers), pick(platforms)]],
    () => [`update transactions set status = 'confirmed' where status = 'submitted' and random() < 0.5`, []],
  ])()
}

// A transaction that deadlocks with another's is rolled back and begun anew.
async function transaction(client, statements) {
  for (;;) {
    try {
      await client.query('begin')
      for (const [text, values] of statements) await client.query(text, values)
      await client.query('commit')
      return
    } catch (error) {
      await client.query('rollback')
      if (error.code !== '40P01') throw error
    }
  }
}

async function open(t) {
  const clients = await Promise.all(Array.from({ length: sessions }, session))
  t.after(() => Promise.all(clients.map((client) => client.end())))
  return clients
}

let people

test('one statement a transaction: inserts never deadlock, and add up', async (t) => {
  assert.equal(run(['db', 'push'], { DATABASE_URL: url }).code, 0)
  const clients = await open(t)
  people = await populate(clients[0])
  await Promise.all(clients.map(async (client, i) => {
    const random = randomFrom(i)
    for (let n = 0; n < transactions; n++) {
      await client.query(`insert into tasks (worker_id, platform_id, title, type, payment_amount_usdc, status)
        select w, p, 'T', 'fixed', 1.5, 'completed' from unnest($1::uuid[]) w, unnest($2::uuid[]) p order by random()`,
      [people.workers.filter(() => random.chance(0.7)), people.platforms.filter(() => random.chance(0.7))])
    }
  }))
  assert.deepEqual(await wrongStatistics(url), [])
})

test('several statements a transaction: no update of a statistic is lost', async (t) => {
  const seed = Number(process.env.GS_SEED ?? 7)
  t.diagnostic(`GS_SEED=${seed}`)
  const clients = await open(t)
  await Promise.all(clients.map(async (client, i) => {
    const random = randomFrom(seed + i)
    for (let n = 0; n < transactions; n++) {
      await transaction(client, Array.from({ length: random.between(1, 3) }, () => statement(random, people)))
    }
  }))
  assert.deepEqual(await wrongStatistics(url), [])
  const [{ tasks, paid }] = (await clients[0].query(
    'select sum(total_tasks)::int as tasks, sum(total_payouts)::numeric as paid from platforms')).rows
  assert.ok(tasks > 50 && paid > 50, `${tasks} tasks, ${paid} USDC`)
})
