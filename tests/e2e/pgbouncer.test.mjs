// Behind a PgBouncer that pools transactions: no session is ours.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import pg from '../devchain/node_modules/pg/lib/index.js'
import { count } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld({}, 'pgbouncer')
const { actions, platform, workers, place, openDaemon } = world
const daemon = await openDaemon()
await daemon.addPeople()
const pay = (i, amount) => actions.transfer(platform, workers[i].address, usdc(amount))
const isThere = ({ transactionHash }) =>
  until('the payout', async () => (await count(daemon.database, 'transactions where tx_hash = $1', [transactionHash])) === 1)
const lease = async () => (await daemon.sql('select term::int, backend_pid, expires_at > now() as valid from chain.lease'))[0]
const phase = async (running) => JSON.parse((await running.get('/readyz')).body).checks.sync.phase

test('the lease outlives the backends, and is taken over when it has expired', async () => {
  const leader = daemon.start()
  await leader.ready()
  await isThere(await pay(0, 1))
  assert.deepEqual(await lease(), { term: 1, backend_pid: null, valid: true })
  const other = await openDaemon({ schema: false, database: place.through(daemon.database) })
  const standby = other.start()
  await until('the second to stand by', async () => (await phase(standby)) === 'standby')
  // Every backend of the pool ends: the leader goes on with others.
  await daemon.sql(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`)
  await isThere(await pay(1, 2))
  assert.equal((await lease()).term, 1)
  await leader.stop('SIGKILL')
  assert.equal(await phase(standby), 'standby')
  await daemon.sql('update chain.lease set expires_at = now()') // instead of waiting for it
  await isThere(await pay(2, 3))
  assert.equal((await lease()).term, 2)
  await standby.stop()
})

test('a pooler that is killed and comes back loses nothing', async () => {
  const running = daemon.start()
  await running.ready()
  await place.pooler.halt('SIGKILL')
  await running.logged(/the database: /)
  const while_down = await pay(0, 4)
  await place.pooler.restart()
  await isThere(while_down)
  await running.ready()
  await isThere(await pay(0, 5))
  await running.stop()
  assert.equal(await count(daemon.database, 'transactions'), 5)
})

test('a pool without a connection to spare is named, and waited for', async () => {
  await place.pooler.console('set query_wait_timeout = 1')
  const running = daemon.start()
  await running.ready()
  const clients = Array.from({ length: 5 }, () => new pg.Client(place.through(daemon.daemonDatabase)))
  for (const client of clients) await client.connect()
  await Promise.all(clients.map((client) => client.query('begin'))) // each has to itself what it gets
  const late = await pay(3, 6)
  await running.logged(/query_wait_timeout: the pooler has no connection to spare/)
  for (const client of clients) await client.end()
  await isThere(late)
  await running.ready()
  const { code } = await running.stop()
  assert.equal(code, 0)
})
