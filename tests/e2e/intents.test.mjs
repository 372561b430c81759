// Payments that an application intends: inserted before the chain has them, and
// watched until it has, or never will.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { query } from '../devchain/postgres.mjs'
import { changing, startProxy } from './lib/proxy.mjs'
import { count } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, other, workers } = world
const [ann, bob, broke] = workers
const impatient = { intents: { dropped_after: '2s' } }
const daemon = await world.openDaemon({ more: impatient })
await daemon.addPeople()
const running = daemon.start()
await running.ready()

// What applications log in as.
const asApplication = (url) => {
  const login = new URL(url)
  login.searchParams.set('options', '-c role=gigstream_api')
  return (text, values) => query(login.href, text, values)
}
const app = asApplication(daemon.database)

async function intend({ from = platform, to = ann, amount, hash = null, type = 'payout', by = app }) {
  const [{ id }] = await by(`insert into transactions (type, amount_usdc, from_wallet, to_wallet, chain_id, tx_hash, metadata)
    values ($1, $2, lower($3), lower($4), $5, $6, '{"order": 7}') returning id`,
  [type, amount, from.address, to.address, chain.id, hash])
  return id
}
const attach = (id, hash) => app('update transactions set tx_hash = $2 where id = $1', [id, hash])
const row = async (id, { sql } = daemon) => (await sql('select * from transactions where id = $1', [id]))[0]
const becomes = (id, status, of = daemon) =>
  until(`${id} to be ${status}`, async () => {
    const found = await row(id, of)
    if (found?.status === status) return found
    throw new Error(`it is ${found?.status} (${found?.error_message})`)
  })
const history = async (id) =>
  (await daemon.sql('select from_status, to_status, reason from chain.transitions where row_id = $1 order by id', [id]))
    .map((t) => `${t.from_status ?? ''}>${t.to_status} ${t.reason}`)
const others = async (hash, id) =>
  (await daemon.sql('select id from transactions where tx_hash = $1 and id <> $2', [hash, id])).length
const payment = (to, dollars, more = {}) => ({ ...actions.call(actions.usdc, 'transfer', to.address, usdc(dollars)), ...more })

// In the pool, but in no block until `mine`.
async function inPool(act) {
  await chain.call('evm_setAutomine', false)
  try {
    return await act()
  } finally {
    await chain.call('evm_setAutomine', true)
    await chain.mine(3)
  }
}

test('without a hash it meets the next transfer like it, and stays what it was', async () => {
  await actions.transfer(platform, ann.address, usdc(3))
  await daemon.caughtUp()
  const id = await intend({ amount: 3, type: 'advance' })
  assert.equal((await row(id)).status, 'pending')
  const { transactionHash } = await actions.transfer(platform, ann.address, usdc(3))
  await chain.mine(3)
  const found = await becomes(id, 'confirmed')
  assert.equal(found.tx_hash, transactionHash)
  assert.equal(found.type, 'advance')
  assert.deepEqual(found.metadata, { order: 7 })
  assert.ok(found.worker_id && found.platform_id && found.submitted_at && found.confirmed_at)
  assert.equal(await others(transactionHash, id), 0)
})

test('two equal ones take two equal transfers, the oldest first', async () => {
  const ids = [await intend({ amount: 4 }), await intend({ amount: 4 }), await intend({ amount: 4 })]
  const sent = await chain.inOneBlock(async () => {
    const nonce = await chain.client.getTransactionCount({ address: platform.address })
    return [await chain.sendRaw(await chain.sign(platform, payment(ann, 4), nonce)),
      await chain.sendRaw(await chain.sign(platform, payment(ann, 4), nonce + 1))]
  })
  await chain.mine(3)
  const [first, second] = [await becomes(ids[0], 'confirmed'), await becomes(ids[1], 'confirmed')]
  assert.deepEqual([first, second].map((r) => r.tx_hash), sent.sort((a, b) => a.transactionIndex - b.transactionIndex)
    .map((r) => r.transactionHash))
  assert.equal((await row(ids[2])).status, 'pending')
  await app(`update transactions set status = 'cancelled' where id = $1`, [ids[2]])
})

test('cancelled, it meets nothing', async () => {
  const id = await intend({ amount: 5 })
  await app(`update transactions set status = 'cancelled' where id = $1`, [id])
  const { transactionHash } = await actions.transfer(platform, ann.address, usdc(5))
  await daemon.caughtUp()
  assert.equal((await row(id)).status, 'cancelled')
  assert.equal(await others(transactionHash, id), 1)
})

test('in the pool it is submitted, in a final block confirmed', async () => {
  const id = await intend({ amount: 6 })
  await inPool(async () => {
    const hash = await chain.sendRaw(await chain.sign(platform, payment(ann, 6)))
    await attach(id, hash)
    const found = await becomes(id, 'submitted')
    assert.ok(found.submitted_at)
    assert.equal(found.block_number, null)
    const [{ sender }] = await until('its signer to be known', async () => {
      const rows = await daemon.sql('select chain.hex(sender) as sender from chain.intents where id = $1 and sender is not null', [id])
      return rows.length && rows
    })
    assert.equal(sender, platform.address.toLowerCase())
  })
  const found = await becomes(id, 'confirmed')
  const told = await history(id)
  assert.equal(told[0], 'pending>submitted sent')
  assert.match(told.at(-1), /^submitted>confirmed /)
  assert.equal(await others(found.tx_hash, id), 0)
})

test('replaced by one with a higher fee; its hash, once attached, is taken over', async () => {
  let id, second
  await inPool(async () => {
    const nonce = await chain.client.getTransactionCount({ address: platform.address })
    id = await intend({ amount: 7, hash: await chain.sendRaw(await chain.sign(platform, payment(ann, 7), nonce)) })
    await until('its signer to be known', async () =>
      (await daemon.sql('select from chain.intents where id = $1 and sender is not null', [id])).length)
    second = await chain.sendRaw(await chain.sign(platform, payment(ann, 7, { fee: 200_000_000_000n }), nonce))
  })
  assert.equal((await becomes(id, 'failed')).error_message, `replaced by ${second}`)
  assert.equal(await others(second, id), 1)
  await attach(id, second)
  const found = await becomes(id, 'confirmed')
  assert.equal(found.error_message, null)
  assert.equal(await others(second, id), 0)
  assert.deepEqual((await history(id)).slice(-2), ['failed>submitted sent', 'submitted>confirmed Transfer'])
})

test('reverted', async () => {
  const { transactionHash } = await chain.send(broke, payment(ann, 8), { mayRevert: true })
  const id = await intend({ from: broke, amount: 8, hash: transactionHash })
  await chain.mine(3)
  assert.equal((await becomes(id, 'failed')).error_message, 'reverted')
})

test('it succeeded, but paid something else', async () => {
  const { transactionHash } = await actions.transfer(platform, ann.address, usdc(9))
  const id = await intend({ amount: 9.5, hash: transactionHash })
  await chain.mine(3)
  assert.equal((await becomes(id, 'failed')).error_message, 'mismatch')
  assert.equal(await others(transactionHash, id), 1)
})

test('dropped: no node has it any more', async () => {
  const raw = await chain.sign(platform, payment(ann, 10))
  const id = await intend({ amount: 10, hash: `0x${randomBytes(32).toString('hex')}` })
  assert.equal((await becomes(id, 'failed')).error_message, 'dropped')
  const hash = await chain.sendRaw(raw)
  await attach(id, hash)
  await chain.mine(3)
  assert.equal((await becomes(id, 'confirmed')).tx_hash, hash)
})

test('the chain was first: its row is taken over, with its history', async () => {
  const { transactionHash } = await actions.transfer(platform, bob.address, usdc(11))
  await chain.mine(3)
  const [born] = await until('the chain\'s own row', async () => {
    const rows = await daemon.sql(`select id from transactions where tx_hash = $1 and status = 'confirmed'`, [transactionHash])
    return rows.length && rows
  })
  const before = await history(born.id)
  const id = await intend({ to: bob, amount: 11, hash: transactionHash })
  await becomes(id, 'confirmed')
  assert.equal(await row(born.id), undefined)
  assert.deepEqual(await history(id), [...before, 'pending>submitted sent', 'submitted>confirmed Transfer'])
})

test('an escrow is no payment, though one was intended', async () => {
  const id = await intend({ to: actions.streaming, amount: 12 })
  await actions.createStream(platform, { worker: bob.address, amount: usdc(12), duration: 3600n, interval: 60n })
  await chain.mine(3)
  await daemon.caughtUp()
  assert.equal((await row(id)).status, 'pending')
})

test('a payment before it was intended, of which the daemon knew nothing yet', async () => {
  const id = await intend({ amount: 12.5 })
  const set = (since) => daemon.sql('update chain.intents set since = $2 where id = $1', [id, since])
  await set(4102444800) // in 2100
  await actions.transfer(platform, ann.address, usdc(12.5))
  await chain.mine(1)
  await daemon.caughtUp()
  await until('it to be looked for', async () => (await count(daemon.database, 'chain.intents where id = $1 and not is_new', [id])) === 1)
  assert.equal((await row(id)).status, 'pending')
  await set(0)
  const { transactionHash } = await actions.transfer(platform, ann.address, usdc(12.5))
  assert.equal((await becomes(id, 'submitted')).tx_hash, transactionHash)
})

test('what has failed is sent again, under another hash', async () => {
  const id = await intend({ amount: 12.7, hash: `0x${randomBytes(32).toString('hex')}` })
  await becomes(id, 'failed')
  const hash = await inPool(async () => {
    const sent = await chain.sendRaw(await chain.sign(platform, payment(ann, 12.7)))
    await attach(id, sent)
    assert.equal((await becomes(id, 'submitted')).error_message, null)
    return sent
  })
  assert.equal((await becomes(id, 'confirmed')).tx_hash, hash)
  assert.deepEqual(await history(id), ['pending>submitted sent', 'submitted>failed dropped', 'failed>submitted sent',
    'submitted>confirmed Transfer'])
})

test('a reorg takes it away; it keeps its hash and comes back', async () => {
  const id = await intend({ amount: 13 })
  const { raw, transactionHash } = await actions.transfer(platform, ann.address, usdc(13))
  await becomes(id, 'submitted')
  await chain.reorg(1)
  await daemon.caughtUp()
  const gone = await row(id)
  assert.deepEqual([gone.status, gone.tx_hash, gone.block_number], ['submitted', transactionHash, null])
  await chain.sendRaw(raw)
  await chain.mine(3)
  assert.equal((await becomes(id, 'confirmed')).tx_hash, transactionHash)
})

test('taken away, and paid by another transaction of which nobody gave the hash: one row', async () => {
  await chain.mine(3)
  const id = await intend({ from: other, amount: 14 })
  const { transactionHash } = await actions.transfer(other, ann.address, usdc(14))
  await becomes(id, 'submitted')
  await chain.reorg(1)
  await daemon.caughtUp()
  const again = await chain.send(other, payment(ann, 14, { fee: 300_000_000_000n }))
  assert.notEqual(again.transactionHash, transactionHash)
  await chain.mine(3)
  const found = await becomes(id, 'confirmed')
  assert.equal(found.tx_hash, again.transactionHash)
  assert.equal(await others(again.transactionHash, id), 0)
  assert.deepEqual((await history(id)).slice(-2), ['submitted>failed orphaned', 'failed>confirmed included'])
  await running.stop()
})

test('a node that lies about who sent it is not believed', async () => {
  const proxy = await startProxy(chain.url)
  world.things.defer(proxy.stop)
  const wary = await world.openDaemon({ rpc: proxy.url })
  await wary.addPeople()
  const handle = wary.start()
  await handle.ready()
  let asked = 0
  proxy.behave = changing('eth_getTransactionByHash', (tx) => (asked++, tx && { ...tx, from: other.address }))
  await inPool(async () => {
    const hash = await chain.sendRaw(await chain.sign(platform, payment(ann, 15)))
    const id = await intend({ amount: 15, hash, by: asApplication(wary.database) })
    await until('it to be asked for twice', () => asked >= 2)
    const known = () => wary.sql('select from chain.intents where id = $1 and sender is not null', [id])
    assert.equal((await known()).length, 0)
    assert.equal((await row(id, wary)).status, 'submitted')
    const { body } = await handle.get('/metrics')
    assert.match(body, /gigstream_incomplete_responses_total\{endpoint="node1"\} [1-9]/)
    proxy.behave = null
    await until('its signer to be known', async () => (await known()).length)
  })
  await handle.stop()
})

test('in a block, but with its receipt missing, it is not called replaced', async () => {
  const proxy = await startProxy(chain.url)
  world.things.defer(proxy.stop)
  const patient = await world.openDaemon({ rpc: proxy.url })
  await patient.addPeople()
  const handle = patient.start()
  await handle.ready()
  let asked = 0
  proxy.behave = changing('eth_getTransactionReceipt', () => (asked++, null))
  const { transactionHash } = await chain.send(broke, payment(ann, 16), { mayRevert: true })
  await chain.mine(3)
  await patient.caughtUp()
  const id = await intend({ from: broke, amount: 16, hash: transactionHash, by: asApplication(patient.database) })
  await until('it to be asked for in three rounds', async () => {
    assert.equal((await row(id, patient)).error_message, null)
    return asked >= 3
  })
  proxy.behave = null
  assert.equal((await becomes(id, 'failed', patient)).error_message, 'reverted')
  await handle.stop()
})
