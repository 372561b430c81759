// Stream contracts of others, by a mapping alone: Sablier Lockup, which we ship,
// and LlamaPay from a file that the configuration names.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compile, root } from '../devchain/compile.mjs'
import { deployOne } from '../devchain/deploy.mjs'
import { equalsScratch } from './lib/scratch.mjs'
import { tables } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld({ slotsInAnEpoch: 40 })
const { chain, contracts, actions, platform, other, workers, openDaemon } = world
const [ann, bob, cy, dee] = workers
const { DevUSDC, Lockup, OpenPay } = compile()
const lockup = await deployOne(chain, Lockup)
const openPay = await deployOne(chain, OpenPay, [contracts.usdc.address])
const otherToken = await deployOne(chain, DevUSDC)

const streaming = [
  { address: contracts.streaming.address, abi: 'PaymentStreaming' },
  { address: lockup.address, abi: 'SablierLockup' },
  { address: openPay.address, abi: join(root, 'contracts-abi/llamapay.mapping.json') },
].map((contract) => ({ ...contract, start_block: contracts.startBlock }))
const configured = { more: { contracts: { streaming } } }

const does = (from, contract, name, ...args) => chain.send(from, actions.call(contract, name, ...args))
const now = async () => Number((await chain.block(await chain.head())).timestamp)

for (const contract of [lockup, openPay]) {
  for (const account of [platform, other]) await actions.approve(account, undefined, contract)
}
await chain.send(chain.owner, actions.call(otherToken, 'mint', platform.address, usdc(1000)))
await does(platform, otherToken, 'approve', lockup.address, usdc(1000))

const daemon = await openDaemon(configured)
await daemon.addPeople()
const running = daemon.start()
await running.ready()

const amounts = `total_amount_usdc::float8 as total, released_amount_usdc::float8 as released,
  claimed_amount_usdc::float8 as claimed, refunded_amount_usdc::float8 as refunded`

// A stream as our tables have it, and what was paid on it.
async function stream({ address }, id) {
  await daemon.caughtUp()
  const [row] = await daemon.sql(
    `select s.status, ${amounts}, w.email as worker, p.email as platform, start_time, end_time, next_release_at,
      (select coalesce(sum(t.amount_usdc), 0)::float8 from transactions t where t.stream_id = s.id and t.type = 'payout') as paid,
      (select coalesce(sum(t.amount_usdc), 0)::float8 from transactions t where t.stream_id = s.id and t.type = 'refund') as back
    from streams s left join workers w on w.id = s.worker_id left join platforms p on p.id = s.platform_id
    where contract_address = $1 and contract_stream_id = $2`,
    [address.toLowerCase(), BigInt(id).toString()])
  if (!row) return undefined
  assert.deepEqual([row.paid, row.back], [row.claimed, row.refunded], 'the transactions are the stream')
  const { start_time, end_time, next_release_at, paid, back, ...facts } = row
  return { ...facts, lasts: end_time && (end_time - start_time) / 1000 }
}

const says = async (contract, id, status, [total, released, claimed, refunded], worker, lasts = 1000) =>
  assert.deepEqual(await stream(contract, id), { status, total, released, claimed, refunded, worker, platform: 'acme@example.com', lasts })

// Paid in by `other`, for the platform; evenly over 1000 seconds from the next block on,
// or so many seconds ahead of it.
async function lock({ model = 0, worker = ann, token = contracts.usdc, from = other, amount = 100, ahead = 0 } = {}) {
  const created = (await now()) + 10, start = created + ahead
  await chain.setTime(created)
  const id = await chain.client.readContract({ ...lockup, functionName: 'nextStreamId' })
  await does(from, lockup, 'create', model, platform.address, worker.address, token.address, usdc(amount), { start, end: start + 1000 }, 'even')
  return { id, at: (seconds) => chain.setTime(start + seconds) }
}

test('the development contracts speak as the ABIs say', () => {
  const bare = ({ name, type, indexed, components }) => ({ name, type, indexed, components: components?.map(bare) })
  const entries = (abi) => new Map(abi.filter(({ name }) => name)
    .map(({ type, name, inputs, outputs }) => [`${type} ${name}`, [inputs.map(bare), outputs?.map(bare)]]))
  for (const [file, { abi }] of [['sablier-lockup', Lockup], ['llamapay', OpenPay]]) {
    const spoken = entries(abi)
    for (const [name, entry] of entries(JSON.parse(readFileSync(join(root, `contracts-abi/${file}.json`), 'utf8')))) {
      assert.deepEqual(spoken.get(name), entry, name)
    }
  }
})

test('a claim releases what it claims, to whoever the worker says', async () => {
  const { id, at } = await lock()
  await says(lockup, id, 'active', [100, 0, 0, 0], 'w0@example.com')
  await at(500)
  await does(ann, lockup, 'withdraw', id, ann.address, usdc(20))
  await says(lockup, id, 'active', [100, 20, 20, 0], 'w0@example.com')
  await does(ann, lockup, 'withdraw', id, dee.address, usdc(30))
  await says(lockup, id, 'active', [100, 50, 50, 0], 'w0@example.com')
})

test('the last claim completes it, whatever the model', async () => {
  for (const model of [1, 2]) {
    const { id, at } = await lock({ model, worker: bob })
    await at(1000)
    await does(bob, lockup, 'withdraw', id, bob.address, usdc(100))
    await says(lockup, id, 'completed', [100, 100, 100, 0], 'w1@example.com')
  }
})

test('what was unlocked before a cancel stays the worker\'s', async () => {
  const { id, at } = await lock({ worker: cy })
  await at(250)
  await does(cy, lockup, 'withdraw', id, cy.address, usdc(10))
  await at(400)
  await does(platform, lockup, 'cancel', id)
  await says(lockup, id, 'cancelled', [100, 40, 10, 60], 'w2@example.com')
  await does(cy, lockup, 'withdraw', id, cy.address, usdc(30))
  await says(lockup, id, 'cancelled', [100, 40, 40, 60], 'w2@example.com')
})

test('whoever gets the NFT is the worker', async () => {
  const { id, at } = await lock({ worker: ann })
  await at(300)
  await does(ann, lockup, 'withdraw', id, ann.address, usdc(5))
  await does(ann, lockup, 'transferFrom', ann.address, bob.address, id)
  await does(bob, lockup, 'withdraw', id, bob.address, usdc(7))
  await says(lockup, id, 'active', [100, 12, 12, 0], 'w1@example.com')
})

test('a stream of another token is not ours', async () => {
  const { id, at } = await lock({ token: otherToken, from: platform })
  await at(500)
  await does(ann, lockup, 'withdraw', id, ann.address, usdc(20))
  await does(ann, lockup, 'transferFrom', ann.address, bob.address, id)
  await does(platform, lockup, 'cancel', id)
  assert.equal(await stream(lockup, id), undefined)
})

const rate = 10n ** 18n // of 20 decimals: 0.01 USDC a second
const idOf = (worker) => chain.client.readContract({ ...openPay, functionName: 'getStreamId', args: [platform.address, worker.address, rate] })
const open = ['w0@example.com', null]

test('a stream without an end has paid what it has paid', async () => {
  await does(platform, openPay, 'deposit', usdc(500))
  const start = (await now()) + 10
  const at = (seconds) => chain.setTime(start + seconds)
  const id = await idOf(ann)
  await at(0)
  await does(platform, openPay, 'createStream', ann.address, rate)
  await says(openPay, id, 'active', [0, 0, 0, 0], ...open)
  await at(100)
  await does(other, openPay, 'withdraw', platform.address, ann.address, rate) // anybody may
  await says(openPay, id, 'active', [1, 1, 1, 0], ...open)
  await at(300)
  await does(platform, openPay, 'pauseStream', ann.address, rate)
  await says(openPay, id, 'paused', [3, 3, 3, 0], ...open)
  await at(400)
  await does(platform, openPay, 'createStreamWithReason', ann.address, rate, 'she is back, after a holiday of a hundred seconds')
  await says(openPay, id, 'active', [3, 3, 3, 0], ...open)
  await at(450)
  await does(platform, openPay, 'cancelStream', ann.address, rate)
  await says(openPay, id, 'cancelled', [3.5, 3.5, 3.5, 0], ...open)
  await does(platform, openPay, 'createStream', ann.address, rate)
  await says(openPay, id, 'active', [3.5, 3.5, 3.5, 0], ...open)
})

test('one event ends a stream and begins another', async () => {
  const [from, to] = [await idOf(cy), await idOf(bob)]
  const start = (await now()) + 10
  await chain.setTime(start)
  await does(platform, openPay, 'createStream', cy.address, rate)
  await chain.setTime(start + 200)
  await does(platform, openPay, 'modifyStream', cy.address, rate, bob.address, rate)
  await says(openPay, from, 'cancelled', [2, 2, 2, 0], 'w2@example.com', null)
  await says(openPay, to, 'active', [0, 0, 0, 0], 'w1@example.com', null)
  // To itself: the same stream goes on.
  await chain.setTime(start + 300)
  await does(platform, openPay, 'modifyStream', bob.address, rate, bob.address, rate)
  await says(openPay, to, 'active', [1, 1, 1, 0], 'w1@example.com', null)
  await does(platform, openPay, 'withdrawPayer', 10n ** 20n)
})

test('nothing is in quarantine, and the money is where the rows say', async () => {
  await daemon.caughtUp()
  assert.deepEqual(await daemon.sql('select reason from chain.quarantine'), [])
  const [{ held }] = await daemon.sql(
    `select sum(total_amount_usdc - claimed_amount_usdc - refunded_amount_usdc)::float8 as held
    from streams where contract_address = $1`, [lockup.address.toLowerCase()])
  assert.equal(held, Number(await actions.balanceOf(lockup.address)) / 1e6)
  const roles = await daemon.sql(
    `select role, count(*)::int from chain.transfers where not orphaned and $1 in (from_wallet, to_wallet) group by role order by role`,
    [Buffer.from(openPay.address.slice(2), 'hex')])
  assert.deepEqual(roles, [{ role: 'claim', count: 5 }, { role: 'plain', count: 2 }]) // a deposit, and a part of it back
  await equalsScratch(world, daemon, configured)
})

// At the head, whether it is final or not: { subject: difference }
async function audit(at) {
  await daemon.caughtUp()
  const { code, stdout, stderr } = await daemon.run(['audit', '--json', '--at', String(at ?? await chain.head())])
  assert.notEqual(stdout, '', stderr)
  const { differences, streams } = JSON.parse(stdout)
  assert.equal(code, differences.length ? 4 : 0)
  return { streams, differences: Object.fromEntries(differences.map((d) => [d.subject, d.difference])) }
}

test('an audit holds them against the getters that their mapping names', async () => {
  // Depleted and burned: it has no owner to ask for, and the rest ties.
  const { id, at } = await lock({ worker: bob })
  await at(1000)
  await does(bob, lockup, 'withdraw', id, bob.address, usdc(100))
  await does(bob, lockup, 'burn', id)
  const pending = await lock({ worker: cy, ahead: 500 })
  const tied = await audit()
  const [{ locked }] = await daemon.sql('select count(*)::int as locked from streams where contract_address = $1', [lockup.address.toLowerCase()])
  assert.equal(locked, 7)
  assert.deepEqual(tied, { streams: { checked: locked, differ: 0, explained: 0, uncovered: 0, no_state: 0 }, differences: {} })
  for (let block = contracts.startBlock; block < (await chain.head()); block++) {
    assert.deepEqual((await audit(block)).differences, {}, `block ${block}`)
  }

  await daemon.sql('create table kept as select * from streams')
  await daemon.sql('alter table streams disable trigger user')
  const row = (number) => `contract_address = '${lockup.address.toLowerCase()}' and contract_stream_id = ${number}`
  await daemon.sql(`update streams set claimed_amount_usdc = claimed_amount_usdc - 0.5, worker_wallet = $1 where ${row(1)}`, [cy.address.toLowerCase()])
  await daemon.sql(`update streams set total_amount_usdc = total_amount_usdc + 7, platform_wallet = $1 where ${row(5)}`, [cy.address.toLowerCase()])
  await daemon.sql(`update streams set status = 'paused' where ${row(pending.id)}`)
  await daemon.sql(`update streams set worker_wallet = $1 where ${row(id)}`, [cy.address.toLowerCase()]) // nobody can say
  const stream = (number, what) => `stream ${lockup.address.toLowerCase()}/${number} ${what}`
  const { differences, streams: { differ } } = await audit()
  assert.deepEqual(differences, {
    [stream(1, 'worker')]: null,
    [stream(1, 'claimed')]: '0.500000',
    [stream(5, 'platform')]: null,
    [stream(5, 'total')]: '-7.000000',
    [stream(pending.id, 'status')]: null,
  })
  assert.equal(differ, 3)
  await daemon.sql(`update streams s set (worker_wallet, platform_wallet, total_amount_usdc, claimed_amount_usdc, status)
    = (k.worker_wallet, k.platform_wallet, k.total_amount_usdc, k.claimed_amount_usdc, k.status) from kept k where k.id = s.id`)
  await daemon.sql('alter table streams enable trigger user')
  await daemon.sql('drop table kept')
  assert.deepEqual(await audit(), tied)
})

test('what a reorg takes away is folded away', async () => {
  const before = await tables(daemon.database, ['streams'])
  const depth = await chain.head()
  const { id, at } = await lock({ worker: dee })
  await at(100)
  await does(dee, lockup, 'withdraw', id, dee.address, usdc(5))
  await does(dee, lockup, 'transferFrom', dee.address, ann.address, id)
  await does(platform, openPay, 'modifyStream', bob.address, rate, dee.address, rate)
  await daemon.caughtUp()
  assert.equal((await tables(daemon.database, ['streams'])).streams.length, before.streams.length + 2)
  await chain.reorg((await chain.head()) - depth)
  await equalsScratch(world, daemon, configured)
  assert.deepEqual(await tables(daemon.database, ['streams']), before)
  await running.stop()
})
