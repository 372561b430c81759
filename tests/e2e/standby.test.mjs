// Two daemons on one database: one leads, the other takes over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { count } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { actions, platform, workers, openDaemon } = world
const one = await openDaemon()
await one.addPeople()
const other = await openDaemon({ schema: false, database: one.database })

const phase = async (running) => JSON.parse((await running.get('/readyz')).body).checks.sync.phase
const term = async () => Number((await one.sql('select term from chain.lease'))[0].term)
// Behind a pooler the lease of a killed leader has to expire first.
const isThere = ({ transactionHash }) =>
  until('the payout', async () => (await count(one.database, 'transactions where tx_hash = $1', [transactionHash])) === 1,
    { deadlineMs: 60_000 })

test('the second one stands by, and takes over when the first is killed', async () => {
  const leader = one.start()
  await leader.ready()
  const standby = other.start()
  await until('the second to stand by', async () => (await phase(standby)) === 'standby')
  await isThere(await actions.transfer(platform, workers[0].address, usdc(1)))
  assert.equal(await term(), 1)
  await leader.stop('SIGKILL')
  await isThere(await actions.transfer(platform, workers[1].address, usdc(2)))
  assert.equal(await term(), 2)
  const back = one.start()
  await until('the first to stand by', async () => (await phase(back)) === 'standby')
  await standby.stop('SIGTERM') // gives the lease back
  await isThere(await actions.transfer(platform, workers[2].address, usdc(3)))
  assert.equal(await term(), 3)
  await back.stop()
  assert.equal(await count(one.database, 'transactions'), 3)
})

test('a leader that was frozen finds that it leads no more, and doubles nothing', async () => {
  const leader = one.start()
  await leader.ready()
  const standby = other.start()
  await until('the second to stand by', async () => (await phase(standby)) === 'standby')
  leader.signal('SIGSTOP')
  await one.sql('update chain.lease set expires_at = now()') // instead of waiting for it
  await isThere(await actions.transfer(platform, workers[0].address, usdc(4)))
  leader.signal('SIGCONT')
  await until('the first to notice', async () => (await phase(leader)) === 'standby')
  await isThere(await actions.transfer(platform, workers[0].address, usdc(5)))
  assert.equal(await count(one.database, 'transactions'), 5)
  await leader.stop()
  await standby.stop()
})
