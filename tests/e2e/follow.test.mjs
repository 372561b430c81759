// The daemon's main job: from the node to the row, through reorgs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { confirmed, equalsScratch } from './lib/scratch.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, openDaemon } = world
const daemon = await openDaemon()
await daemon.addPeople()
const running = daemon.start()
await running.ready()

test('every stream equals the contract, every wallet its balance', async () => {
  await playScenario(world)
  await chain.mine(3)
  await daemon.caughtUp()
  await confirmed(chain, daemon)
  const rows = await daemon.sql('select * from streams order by contract_stream_id')
  assert.equal(rows.length, await actions.streamCount())
  for (const row of rows) {
    const stream = await actions.stream(row.contract_stream_id)
    assert.equal(row.status, stream.status)
    assert.equal(usdc(row.total_amount_usdc), stream.totalAmount)
    assert.equal(usdc(row.released_amount_usdc), stream.releasedAmount)
    assert.equal(usdc(row.claimed_amount_usdc), stream.claimedAmount)
  }
  for (const { address } of [platform, ...workers]) {
    const [{ sum }] = await daemon.sql(
      `select coalesce(sum(case when to_wallet = w then amount else 0 end), 0)
            - coalesce(sum(case when from_wallet = w then amount else 0 end), 0) as sum
       from chain.transfers, (select chain.unhex($1) as w) x where not orphaned`, [address.toLowerCase()])
    assert.equal(BigInt(sum), await actions.balanceOf(address))
  }
})

test('transactions are what the rule book says', async () => {
  const kinds = await daemon.sql('select type, status, count(*)::int as n from transactions group by 1, 2 order by 1, 2')
  assert.deepEqual(kinds, [
    { type: 'payout', status: 'confirmed', n: 6 }, // two direct, three claims, one at a cancel
    { type: 'refund', status: 'confirmed', n: 3 }, // one direct, two cancels
  ])
})

test('a payout is submitted, then confirmed when it is final', async () => {
  const { transactionHash } = await actions.transfer(platform, workers[0].address, usdc(3))
  const status = async () => (await daemon.sql('select status from transactions where tx_hash = $1', [transactionHash]))[0]?.status
  await until('the payout to be submitted', async () => (await status()) === 'submitted')
  await chain.mine(3)
  await until('the payout to be confirmed', async () => (await status()) === 'confirmed')
  const history = await daemon.sql(
    `select from_status, to_status from chain.transitions t join transactions p on p.id = t.row_id
     where p.tx_hash = $1 order by t.id`, [transactionHash])
  assert.deepEqual(history, [
    { from_status: null, to_status: 'submitted' },
    { from_status: 'submitted', to_status: 'confirmed' },
  ])
})

test('a reorg takes a payout away and brings it back in another block', async () => {
  await chain.mine(3)
  const { raw, transactionHash, blockHash } = await actions.transfer(platform, workers[1].address, usdc(4))
  await chain.mine(1)
  await daemon.caughtUp()
  const row = async () => (await daemon.sql('select * from transactions where tx_hash = $1', [transactionHash]))[0]
  const before = await row()
  assert.equal(before.block_hash, blockHash)
  await chain.reorg(2)
  await daemon.caughtUp()
  const during = await row()
  assert.equal(during.status, 'submitted')
  assert.equal(during.block_number, null)
  assert.equal(during.log_index, null)
  await chain.sendRaw(raw)
  await chain.mine(4)
  await equalsScratch(world, daemon)
  const back = await row()
  assert.equal(back.id, before.id)
  assert.notEqual(back.block_hash, before.block_hash)
  assert.equal(back.status, 'confirmed')
})

test('a reorg while we are down, with a stream in it', async () => {
  await chain.mine(3)
  await daemon.caughtUp()
  const { id } = await actions.createStream(platform, {
    worker: workers[2].address, amount: usdc(50), duration: 3600n, interval: 60n,
  })
  await daemon.caughtUp()
  await running.stop()
  await chain.reorg(1)
  const again = await actions.createStream(platform, {
    worker: workers[3].address, amount: usdc(60), duration: 7200n, interval: 90n,
  })
  assert.equal(again.id, id) // another worker and amount under the same id
  const restarted = daemon.start()
  await restarted.ready()
  await chain.mine(3)
  await equalsScratch(world, daemon)
  await restarted.stop()
})

test('a payout whose nonce is used otherwise has failed; so has one that is a day old', async () => {
  await chain.mine(3)
  const restarted = daemon.start()
  await daemon.caughtUp()
  const dead = await actions.transfer(platform, workers[0].address, usdc(5))
  const old = await actions.transfer(world.other, workers[0].address, usdc(6))
  await daemon.caughtUp()
  await chain.reorg(2)
  await daemon.caughtUp()
  const verdict = async ({ transactionHash }) =>
    (await daemon.sql('select status, error_message from transactions where tx_hash = $1', [transactionHash]))[0]
  assert.deepEqual(await verdict(dead), { status: 'submitted', error_message: null })
  await actions.transfer(platform, workers[1].address, usdc(5)) // the same nonce
  await daemon.sql(`update chain.transitions t set at = at - interval '25 hours' from transactions p
    where p.id = t.row_id and p.tx_hash = $1`, [old.transactionHash])
  await chain.mine(4)
  const failed = (error_message) => ({ status: 'failed', error_message })
  await until('the verdicts', async () => (await verdict(dead)).status === 'failed' && (await verdict(old)).status === 'failed')
  assert.deepEqual(await verdict(dead), failed('orphaned'))
  assert.deepEqual(await verdict(old), failed('expired'))
  await restarted.stop()
})

test('a wallet that registers late gets its history', async () => {
  const late = chain.account(9)
  await actions.transfer(platform, late.address, usdc(9))
  await actions.createStream(platform, { worker: late.address, amount: usdc(90), duration: 3600n, interval: 60n })
  await chain.mine(4)
  const restarted = daemon.start()
  await daemon.caughtUp()
  await daemon.must('worker', 'add', '--name', 'Late', '--email', 'late@example.com', '--wallet', late.address)
  await until('the history to be complete', async () => {
    const rows = await daemon.sql(
      `select t.worker_id from transactions t where to_wallet = $1 and t.worker_id is not null`, [late.address.toLowerCase()])
    const jobs = await daemon.sql(`select from chain.jobs where finished_at is null`)
    return rows.length === 1 && jobs.length === 0
  })
  const [stream] = await daemon.sql(
    `select w.email from streams s join workers w on w.id = s.worker_id where s.worker_wallet = $1`, [late.address.toLowerCase()])
  assert.equal(stream.email, 'late@example.com')
  await until('the status to say so', async () =>
    JSON.parse((await restarted.get('/status')).body).wallets_incomplete === 0)
  await restarted.stop()
})
