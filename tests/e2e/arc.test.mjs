// A chain whose own money is USDC, as Circle's Arc: what moves by the token is
// logged twice, what is sent as the chain's money by the chain alone; a block is
// final when it is there, timestamps repeat, and gateways have their limits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../devchain/compile.mjs'
import { deployOne } from '../devchain/deploy.mjs'
import { until } from '../devchain/lifetime.mjs'
import { startProxy } from './lib/proxy.mjs'
import { equalsScratch } from './lib/scratch.mjs'
import { count, dump } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const native = (units, dust = 0n) => units * 10n ** 12n + dust
// Arc's nodes take 100, which is as much as we ask; less, so that it is met.
const batchMost = 25

// A gateway: refuses larger batches as Arc's nodes do, and notes who asks for
// what is pending, which they hide.
const gateway = (seen) => async ({ calls, forward }) => {
  if (calls.length > batchMost) {
    seen.refused++
    return { jsonrpc: '2.0', id: null, error: { code: -32010, message: 'The batch request was too large', data: `Exceeded max limit of ${batchMost}` } }
  }
  if (JSON.stringify(calls).includes('"pending"')) seen.pending++
  return forward()
}

async function openArc(title, logsLike) {
  const world = await openWorld({ chainId: 5042002, slotsInAnEpoch: 0 }, undefined, { logsLike })
  const { chain, actions, contracts, platform } = world
  const seen = { refused: 0, pending: 0 }
  const proxy = await startProxy(chain.url)
  world.things.defer(proxy.stop)
  proxy.behave = gateway(seen)
  const batch = await deployOne(chain, compile().Batch)
  await actions.transfer(platform, batch.address, usdc(1000))
  const together = (...calls) => chain.send(chain.owner, actions.together(batch, calls))
  await together(actions.call(contracts.usdc, 'approve', contracts.streaming.address, 2n ** 256n - 1n))
  const openDaemon = ({ verify = 'receipts', ...options } = {}) => world.openDaemon({
    profile: 'arc-testnet', rpc: proxy.url, more: { chain: { verify, poll_interval: '100ms' } }, ...options,
  })
  await chain.mine(1000)
  const daemon = await openDaemon()
  await daemon.addPeople()
  const running = daemon.start()
  await running.ready()
  return { ...world, title, openDaemon, proxy, seen, together, daemon, running }
}

// What the movements of an address come to, in 18 decimals.
async function balanceIn({ sql }, address) {
  const [{ sum }] = await sql(
    `select coalesce(sum(case when to_wallet = w then v else 0 end), 0)
          - coalesce(sum(case when from_wallet = w then v else 0 end), 0) as sum
     from (select *, amount * 1000000000000 + dust as v from chain.transfers where not orphaned) t,
       (select chain.unhex($1) as w) x`, [address.toLowerCase()])
  return BigInt(sum)
}

const movements = ({ sql }, { transactionHash }) =>
  sql(`select from_wallet, to_wallet, amount_usdc, dust, role, type, status from chain.movements
       where tx_hash = $1 order by log_index`, [transactionHash])

// Both before any test, since the end of the first tests is no end of the file.
const worlds = [await openArc('since Zero5', 'zero5'), await openArc('before Zero5', 'legacy')]

for (const world of worlds) {
  const { title, chain, actions, contracts, platform, other, workers, together, proxy, seen, openDaemon, daemon, running } = world
  const [ann, bob] = workers

  test(`${title}: of a movement that is logged twice one counts, of a native send its own`, async () => {
    await playScenario(world)
    await actions.transfer(ann, ann.address, usdc(1))
    const sent = await actions.sendNative(platform, ann.address, native(usdc(5)))
    const dusty = await actions.sendNative(platform, bob.address, native(usdc(2), 345n))
    const dust = await actions.sendNative(ann, bob.address, 678n)
    const minted = await actions.mint(ann.address, usdc(3))
    await daemon.caughtUp()

    const plain = { from_wallet: platform.address.toLowerCase(), role: 'plain', type: 'payout', status: 'confirmed' }
    const none = { type: null, status: null }
    assert.deepEqual(await movements(daemon, sent),
      [{ ...plain, to_wallet: ann.address.toLowerCase(), amount_usdc: '5.000000', dust: '0' }])
    assert.deepEqual(await movements(daemon, dusty),
      [{ ...plain, to_wallet: bob.address.toLowerCase(), amount_usdc: '2.000000', dust: '345' }])
    assert.deepEqual(await movements(daemon, dust), [{
      ...plain, ...none, from_wallet: ann.address.toLowerCase(), to_wallet: bob.address.toLowerCase(),
      amount_usdc: '0.000000', dust: '678',
    }])
    assert.deepEqual((await movements(daemon, minted)).map(({ amount_usdc, type }) => [amount_usdc, type]), [['3.000000', null]])
    const kinds = await daemon.sql('select type, status, count(*)::int as n from transactions group by 1, 2 order by 1, 2')
    assert.deepEqual(kinds, [
      { type: 'payout', status: 'confirmed', n: 8 }, // those of the scenario, and two native ones
      { type: 'refund', status: 'confirmed', n: 3 },
    ])
    assert.equal(await count(daemon.database, 'chain.quarantine'), 0)
  })

  test(`${title}: several streams in one transaction, which goes to another contract`, async () => {
    const before = await actions.streamCount()
    const create = actions.call(contracts.streaming, 'createStream', ann.address, usdc(6), 3600n, 60n)
    const gift = actions.call(contracts.usdc, 'transfer', contracts.streaming.address, usdc(6))
    const send = actions.call(contracts.usdc, 'sendNative', contracts.streaming.address, native(usdc(6)))
    const receipt = await together(gift, send, create, create, send)
    assert.notEqual(receipt.to, contracts.streaming.address)
    const [first, second] = [BigInt(before) + 1n, BigInt(before) + 2n]
    await together(...[first, second].map((id) => actions.call(contracts.streaming, 'cancelStream', id)))
    await daemon.caughtUp()
    assert.deepEqual((await movements(daemon, receipt)).map(({ role }) => role), ['plain', 'plain', 'escrow', 'escrow', 'plain'])
    const rows = await daemon.sql('select status, refunded_amount_usdc from streams where contract_stream_id > $1', [before])
    assert.deepEqual(rows, Array(2).fill({ status: 'cancelled', refunded_amount_usdc: '6.000000' }))
    assert.equal(await count(daemon.database, 'chain.quarantine'), 0)
  })

  test(`${title}: every stream equals the contract, every wallet its balance to the last of 18 decimals`, async () => {
    const rows = await daemon.sql('select * from streams order by contract_stream_id')
    assert.equal(rows.length, await actions.streamCount())
    for (const row of rows) {
      const stream = await actions.stream(row.contract_stream_id)
      assert.equal(row.status, stream.status)
      assert.equal(usdc(row.total_amount_usdc), stream.totalAmount)
      assert.equal(usdc(row.released_amount_usdc), stream.releasedAmount)
      assert.equal(usdc(row.claimed_amount_usdc), stream.claimedAmount)
    }
    for (const { address } of [platform, ...workers, contracts.streaming]) {
      assert.equal(await balanceIn(daemon, address), await actions.nativeBalanceOf(address))
    }
  })

  test(`${title}: blocks of one timestamp are told apart by their numbers`, async () => {
    const go = await chain.stopClock()
    const { id, blockNumber } = await actions.createStream(platform, {
      worker: bob.address, amount: usdc(50), duration: 3600n, interval: 60n,
    })
    await actions.pause(platform, id)
    await actions.resume(platform, id)
    await actions.cancel(platform, id)
    await go()
    const times = await Promise.all([0, 1, 2, 3].map(async (i) => (await chain.block(blockNumber + i)).timestamp))
    assert.equal(new Set(times).size, 1)
    await daemon.caughtUp()
    const steps = await daemon.sql(
      `select t.to_status from chain.transitions t join streams s on s.id = t.row_id
       where s.contract_stream_id = $1 order by t.id`, [id])
    assert.equal(steps.at(-1).to_status, 'cancelled')
    const [stream] = await daemon.sql('select status, refunded_amount_usdc from streams where contract_stream_id = $1', [id])
    assert.deepEqual(stream, { status: 'cancelled', refunded_amount_usdc: '50.000000' })
  })

  test(`${title}: what is seen is final, and confirmed without a step between`, async () => {
    const paid = await actions.transfer(platform, ann.address, usdc(4))
    await daemon.caughtUp()
    const history = await daemon.sql(
      `select from_status, to_status from chain.transitions t join transactions p on p.id = t.row_id
       where p.tx_hash = $1 order by t.id`, [paid.transactionHash])
    assert.deepEqual(history, [{ from_status: null, to_status: 'confirmed' }])
  })

  for (const verify of ['receipts', 'bloom', 'off']) {
    test(`${title}: a sync from scratch says the same under ${verify}`, () =>
      equalsScratch({ chain, openDaemon }, daemon, { rpc: proxy.url, verify }))
  }

  test(`${title}: whoever registers late gets what was sent without the token, too`, async () => {
    const late = chain.account(9)
    const paid = await actions.sendNative(other, late.address, native(usdc(7), 9n))
    const spent = await actions.sendNative(late, other.address, native(usdc(1), 1n))
    await daemon.caughtUp()
    assert.deepEqual(await movements(daemon, paid), []) // nobody's yet
    await daemon.must('worker', 'add', '--name', 'Late', '--email', 'late@example.com', '--wallet', late.address)
    await until('the history to be complete', async () => {
      const found = [...(await movements(daemon, paid)), ...(await movements(daemon, spent))]
      return found.length === 2 && (await count(daemon.database, 'chain.jobs where finished_at is null')) === 0
    })
    assert.deepEqual((await movements(daemon, paid)).map(({ type, dust }) => [type, dust]), [['payout', '9']])
    assert.equal(await balanceIn(daemon, late.address), await actions.nativeBalanceOf(late.address))
  })

  test(`${title}: the limit of a batch is learned, and nobody asks for what is pending`, () => {
    assert.ok(seen.refused > 0 && seen.refused < 40, `${seen.refused} batches were refused`)
    assert.equal(seen.pending, 0)
  })

  test(`${title}: a node that was rolled back changes nothing, and halts us once it contradicts`, async () => {
    const withoutHead = async () => {
      const { 'chain.chains': _, ...rest } = await dump(daemon.database)
      return rest
    }
    await chain.mine(3)
    await daemon.caughtUp()
    const before = await withoutHead()
    await chain.rollback(3)
    const asked = proxy.requests
    await until('its head to be asked for', () => proxy.requests > asked + 20)
    assert.doesNotMatch(running.log(), /halted|reorg/)
    assert.deepEqual(await withoutHead(), before)
    await actions.transfer(platform, ann.address, usdc(1)) // another block in its place
    await chain.mine(4)
    await until('the halt to be explained', async () => {
      const { status, body } = await running.get('/readyz')
      return status === 503 && JSON.parse(body).checks.sync.phase === 'halted'
    })
    assert.deepEqual(await withoutHead(), before)
    await running.stop()
  })
}
