// What an application says of a payment while the daemon writes about it, and
// what it must not be able to say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { connect } from '../devchain/postgres.mjs'
import { hashOf } from '../devchain/logs.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers: [ann] } = world
const daemon = await world.openDaemon()
await daemon.addPeople()
const running = daemon.start()
await running.ready()

// An application's session: what it begins stays open until it commits.
const app = await connect(daemon.database)
await app.query('set role gigstream_api')
world.things.defer(() => app.end())

async function intend(amount, hash = null) {
  const { rows } = await app.query(`insert into transactions (type, amount_usdc, from_wallet, to_wallet, chain_id, tx_hash)
    values ('payout', $1, lower($2), lower($3), $4, $5) returning id`, [amount, platform.address, ann.address, chain.id, hash])
  return rows[0].id
}
const say = (id, what) => app.query(`update transactions set ${what} where id = $1`, [id])
const row = async (id) => (await daemon.sql('select * from transactions where id = $1', [id]))[0]
const becomes = (id, status) =>
  until(`${id} to be ${status}`, async () => {
    const found = await row(id)
    if (found?.status === status) return found
    throw new Error(`it is ${found?.status} (${found?.error_message})`)
  })
const takenUp = (id) => until(`${id} to be no news`, async () =>
  (await daemon.sql('select from chain.intents where id = $1 and not is_new', [id])).length)
const daemonWaits = () => until('the daemon to wait for the application', async () =>
  (await daemon.sql(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length)

// A payment whose nonce is so many ahead.
const signed = async (dollars, ahead = 0) =>
  chain.sign(platform, actions.call(actions.usdc, 'transfer', ann.address, usdc(dollars)),
    ahead + await chain.client.getTransactionCount({ address: platform.address }))

test('a hash that comes while an equal transfer is written is not lost', async () => {
  const id = await intend(3)
  await takenUp(id)
  const raw = await signed(3, 1)
  const mine = hashOf(raw)
  await app.query('begin')
  await say(id, `tx_hash = '${mine}'`)
  const { transactionHash } = await actions.transfer(platform, ann.address, usdc(3))
  await daemonWaits()
  await app.query('commit')
  await daemon.caughtUp()
  assert.equal((await row(id)).tx_hash, mine)
  await chain.sendRaw(raw)
  await chain.mine(3)
  assert.equal((await becomes(id, 'confirmed')).tx_hash, mine)
  const rows = await daemon.sql('select tx_hash from transactions where amount_usdc = 3 order by block_number')
  assert.deepEqual(rows.map((r) => r.tx_hash), [transactionHash, mine])
})

test('cancelled while its transfer is written', async () => {
  const id = await intend(4)
  await takenUp(id)
  await app.query('begin')
  await say(id, `status = 'cancelled'`)
  const { transactionHash } = await actions.transfer(platform, ann.address, usdc(4))
  await daemonWaits()
  await app.query('commit')
  await daemon.caughtUp()
  assert.equal((await row(id)).status, 'cancelled')
  assert.equal((await daemon.sql('select from transactions where tx_hash = $1', [transactionHash])).length, 1)
  assert.doesNotMatch(running.log(), /the database: /)
})

// What cannot be read would be met again and again, and nothing new beside it.
test('what the daemon could not read is refused', async () => {
  for (const [column, value] of [['amount_usdc', 'NaN'], ['amount_usdc', '5e71'], ['fee_usdc', 'NaN']]) {
    const said = { amount_usdc: 1, fee_usdc: 0, [column]: value }
    await assert.rejects(app.query(`insert into transactions (type, amount_usdc, fee_usdc, from_wallet, to_wallet, chain_id)
      values ('payout', $1, $2, lower($3), lower($4), $5)`,
    [said.amount_usdc, said.fee_usdc, platform.address, ann.address, chain.id]), /check constraint/, `${column} ${value}`)
  }
  const id = await intend(7)
  await assert.rejects(say(id, `submitted_at = 'infinity'`), /check constraint/)
})

test('when it was sent stays as it was said', async () => {
  const raw = await signed(8)
  const id = await intend(8)
  const sent = '2026-01-02T03:04:05.678Z'
  await say(id, `tx_hash = '${hashOf(raw)}', submitted_at = '${sent}'`)
  await chain.sendRaw(raw)
  await chain.mine(3)
  assert.equal((await becomes(id, 'confirmed')).submitted_at.toISOString(), sent)
})

test('what stands in a block is not given up', async () => {
  const { transactionHash } = await actions.transfer(platform, ann.address, usdc(9))
  const id = await intend(9, transactionHash)
  await until('it to be placed', async () => (await row(id)).block_number)
  await assert.rejects(say(id, `status = 'failed'`), /submitted -> failed is not allowed/)
  await chain.mine(3)
  await becomes(id, 'confirmed')
  await running.stop()
})
