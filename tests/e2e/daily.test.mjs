// What daemons do once a day: done by one of them, in nobody's way.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from '../devchain/node_modules/pg/lib/index.js'
import { until } from '../devchain/lifetime.mjs'
import { count } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { actions, platform, workers, openDaemon } = world
const one = await openDaemon()
await one.addPeople()
const other = await openDaemon({ schema: false, database: one.database })
const debug = ['run', '--log-level', 'debug']
const updated = /account ages: \d+ workers? updated/
const asked = /account ages: (\d+ workers? updated|done today already)/

const age = (days) => one.sql(`update workers set account_age_days = 0, created_at = now() - interval '${days} days'`)
const ages = async () => (await one.sql('select distinct account_age_days as days from workers')).map((row) => row.days)

test('of two daemons one does it, once a day', async () => {
  // created_at is kept by a trigger: what the rows were made with counts.
  await one.sql('alter table workers disable trigger touch')
  for (const days of [3, 4]) {
    await age(days)
    await one.sql('update stats.days set day = day - 1')
    const both = [one.start(debug), other.start(debug)]
    await Promise.all(both.map((daemon) => daemon.logged(asked)))
    assert.deepEqual(await ages(), [days])
    const ended = await Promise.all(both.map((daemon) => daemon.stop()))
    assert.deepEqual(ended.map(({ code }) => code), [0, 0])
    assert.equal(ended.filter(({ stderr }) => updated.test(stderr)).length, 1)
  }
  const again = one.start(debug)
  await again.logged(asked)
  assert.doesNotMatch((await again.stop()).stderr, updated)
})

test('while it waits, the sync goes on; and it does not hold up the end', async () => {
  await one.sql('update stats.days set day = day - 1')
  await age(5)
  const client = new pg.Client(one.database)
  await client.connect()
  try {
    await client.query('begin')
    await client.query('select from stats.days for update')
    const daemon = one.start(debug)
    await daemon.ready()
    const waits = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'
      and query like '%account_ages%' and datname = current_database()`
    const waiting = async () => (await one.sql(waits))[0].n
    await until('the account ages to wait', async () => (await waiting()) === 1)
    const { transactionHash } = await actions.transfer(platform, workers[0].address, usdc(1))
    await until('the payout', async () =>
      (await count(one.database, 'transactions where tx_hash = $1', [transactionHash])) === 1)
    const began = Date.now()
    const { code, stderr } = await daemon.stop()
    assert.equal(code, 0)
    assert.ok(Date.now() - began < 4000)
    assert.doesNotMatch(stderr, asked)
    assert.equal(await waiting(), 0) // cancelled at the server, too
  } finally {
    await client.end()
  }
  assert.deepEqual(await ages(), [0])
})

test('what fails is told once and tried again', async () => {
  await one.sql('revoke execute on function gigstream_update_account_ages() from gigstream_daemon')
  const daemon = one.start(debug)
  await daemon.logged(/warn +account ages: permission denied.*trying again/)
  await one.sql('grant execute on function gigstream_update_account_ages() to gigstream_daemon')
  await daemon.logged(updated)
  const { stderr } = await daemon.stop()
  assert.equal(stderr.match(/warn +account ages/g).length, 1)
  assert.deepEqual(await ages(), [5])
})
