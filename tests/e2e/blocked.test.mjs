// The token's and the contracts' own switches: what cannot be paid is marked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, contracts, platform, workers, openDaemon } = world
const [ann, bob] = workers
const daemon = await openDaemon()
await daemon.addPeople()
const running = daemon.start()
await running.ready()

const make = async (worker) =>
  (await actions.createStream(platform, { worker: worker.address, amount: usdc(60), duration: 3600n, interval: 60n })).id
const streams = [await make(ann), await make(bob)]
const reasons = async () => {
  await daemon.caughtUp()
  return (await daemon.sql('select blocked_reason as r, status from streams order by contract_stream_id'))
    .map(({ r, status }) => (r ? `${status}: ${r}` : status))
}
const intend = async (to, amount) => {
  const [{ id }] = await daemon.sql(
    `insert into transactions (type, amount_usdc, from_wallet, to_wallet, chain_id)
     values ('payout', $1, $2, $3, 31337) returning id`, [amount, platform.address.toLowerCase(), to.address.toLowerCase()])
  return async () => (await daemon.sql('select blocked_reason as r, status from transactions where id = $1', [id]))[0]
}
const blacklisted = ({ address }) => `${address.toLowerCase()} is blacklisted by the token`

test('a blacklisted worker is marked, and nothing fails', async () => {
  const before = await intend(ann, 5)
  assert.deepEqual(await before(), { r: null, status: 'pending' })
  await actions.blacklist(ann.address)
  assert.deepEqual(await reasons(), [`active: ${blacklisted(ann)}`, 'active'])
  assert.deepEqual(await before(), { r: blacklisted(ann), status: 'pending' })
  const after = await intend(ann, 6)
  assert.deepEqual(await after(), { r: blacklisted(ann), status: 'pending' })
  const { blocked } = JSON.parse(await daemon.must('status', '--json'))
  assert.deepEqual(blocked, { streams: 1, transactions: 2 })
  await chain.warp(120)
  await actions.release(platform, streams[0]) // moves no money, and is no way out
  assert.deepEqual(await reasons(), [`active: ${blacklisted(ann)}`, 'active'])
  await actions.unBlacklist(ann.address)
  assert.deepEqual(await reasons(), ['active', 'active'])
  assert.deepEqual(await after(), { r: null, status: 'pending' })
})

test('a paused token, a paused contract: all of it, told to the operator', async () => {
  await actions.pauseAll(contracts.usdc)
  assert.deepEqual(await reasons(), ['active: the token is paused', 'active: the token is paused'])
  await actions.unpauseAll(contracts.usdc)
  await actions.pauseAll(contracts.streaming)
  assert.deepEqual(await reasons(), ['active: the contract is paused', 'active: the contract is paused'])
  await actions.unpauseAll(contracts.streaming)
  assert.deepEqual(await reasons(), ['active', 'active'])
  await running.logged(/the token is paused: nobody can be paid: Pause of 0x[0-9a-fA-F]{40} in block \d+/)
  await actions.upgrade(bob.address)
  await running.logged(new RegExp(`the token's code is replaced.*"implementation":"${bob.address.toLowerCase()}"`))
  const { body } = await running.get('/metrics')
  for (const event of ['Pause', 'Unpause', 'Paused', 'Unpaused', 'Upgraded']) {
    assert.match(body, new RegExp(`^gigstream_alerts_total{event="${event}"} 1$`, 'm'))
  }
})

test('a reorg takes the mark away', async () => {
  const snapshot = await chain.call('evm_snapshot')
  await actions.blacklist(bob.address)
  assert.deepEqual(await reasons(), ['active', `active: ${blacklisted(bob)}`])
  await chain.call('evm_revert', snapshot)
  await chain.mine(2)
  await until('the mark to go', async () => (await reasons()).join() === 'active,active')
})

test('mints and burns that touch us are facts, and no transactions', async () => {
  await actions.mint(ann.address, usdc(3))
  await actions.burn(ann, usdc(1))
  await daemon.caughtUp()
  const rows = await daemon.sql(
    `select kind, detail from chain.events where kind in (60, 61) and detail::text like $1 and not orphaned order by block_number`,
    [`%${ann.address.toLowerCase()}%`])
  assert.deepEqual(rows.map(({ kind, detail }) => [kind, detail.amount]), [[60, '3000000'], [61, '1000000']])
  assert.deepEqual(await daemon.sql('select * from transactions where block_number is not null'), [])
})
