// A range from the command line: idempotent, resumable, beside a daemon.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep, until } from '../devchain/lifetime.mjs'
import { startProxy } from './lib/proxy.mjs'
import { count, tables } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, anvil, openDaemon } = world
await playScenario(world)
for (let i = 0; i < 150; i++) await actions.transfer(platform, workers[i % 4].address, usdc(1 + i / 100))
await chain.mine(300)
const head = await chain.head()

async function fresh(options) {
  const daemon = await openDaemon(options)
  await daemon.addPeople()
  return daemon
}

const undisturbed = await fresh()
const range = ['--from', String(world.contracts.startBlock), '--to', 'latest', '--json']
const backfill = async (daemon, ...more) => {
  const { code, stdout, stderr } = await daemon.run(['backfill', ...range, ...more])
  return { code, stderr, ...(stdout ? JSON.parse(stdout) : {}) }
}

test('the result is one JSON object', async () => {
  const result = await backfill(undisturbed)
  assert.equal(result.code, 0, result.stderr)
  assert.equal(result.to, head)
  assert.equal(result.blocks, head - world.contracts.startBlock + 1)
  assert.equal(result.verified_by, 'receipts')
  assert.equal(result.transactions.inserted, await count(undisturbed.database, 'transactions'))
  assert.equal(result.streams.inserted, 4)
})

test('a second time nothing is written', async () => {
  const before = await tables(undisturbed.database)
  const again = await backfill(undisturbed)
  assert.equal(again.code, 0)
  assert.equal(again.transactions.inserted + again.transactions.updated, 0)
  const rescan = await backfill(undisturbed, '--rescan')
  assert.equal(rescan.code, 0)
  assert.equal(rescan.transactions.inserted + rescan.transactions.updated, 0)
  assert.deepEqual(await tables(undisturbed.database), before)
})

test('a dry run finds what is missing and writes nothing', async () => {
  const daemon = await fresh()
  const missing = await backfill(daemon, '--dry-run')
  assert.equal(missing.code, 4, missing.stderr)
  assert.ok(missing.differences > 150)
  assert.equal(await count(daemon.database, 'transactions'), 0)
  assert.equal(await count(daemon.database, 'chain.events'), 0)
  const same = await backfill(undisturbed, '--dry-run')
  assert.equal(same.code, 0, same.stderr)
  assert.equal(same.differences, 0)
})

test('a dry run finds what is stored although the chain has it not', async () => {
  const daemon = await fresh()
  assert.equal((await backfill(daemon)).code, 0)
  await daemon.sql(`insert into chain.transfers (chain_id, block_number, block_time, tx_index, log_index, block_hash, tx_hash,
      from_wallet, to_wallet, amount)
    select chain_id, block_number, block_time, 99, 99, block_hash, tx_hash, from_wallet, to_wallet, 1
    from chain.transfers order by block_number limit 1`)
  const forged = await backfill(daemon, '--dry-run')
  assert.equal(forged.code, 4, forged.stderr)
  assert.equal(forged.differences, 1)
})

test('verify: off finds the same', async () => {
  const daemon = await fresh({ more: { chain: { verify: 'off' } } })
  const result = await backfill(daemon)
  assert.equal(result.code, 0, result.stderr)
  assert.equal(result.verified_by, 'logs')
  assert.deepEqual(await tables(daemon.database), await tables(undisturbed.database))
})

test('killed twenty times at random moments, it ends as if undisturbed', async () => {
  const proxy = await startProxy(anvil.url)
  // A node slow enough that a kill finds work in hand.
  proxy.behave = async ({ forward }) => (await sleep(15), forward())
  const daemon = await fresh({ rpc: proxy.url })
  for (let i = 0; i < 20; i++) {
    const handle = daemon.start(['backfill', ...range])
    await sleep(Math.random() * 300)
    await handle.stop('SIGKILL')
  }
  proxy.behave = null
  const result = await backfill(daemon)
  assert.equal(result.code, 0, result.stderr)
  assert.deepEqual(await tables(daemon.database), await tables(undisturbed.database))
  await proxy.stop()
})

test('interrupted by SIGTERM it says how to resume', async () => {
  const proxy = await startProxy(anvil.url)
  proxy.behave = async ({ forward }) => (await sleep(300), forward())
  const daemon = await fresh({ rpc: proxy.url })
  const handle = daemon.start(['backfill', ...range])
  await until('a first batch', async () => (await count(daemon.database, 'chain.blocks')) > 0)
  const started = Date.now()
  const { code, stderr } = await handle.stop('SIGTERM')
  assert.equal(code, 3)
  assert.match(stderr, /run it again to resume/)
  assert.ok(Date.now() - started < 5000)
  proxy.behave = null
  assert.equal((await backfill(daemon)).code, 0)
  assert.deepEqual(await tables(daemon.database), await tables(undisturbed.database))
  await proxy.stop()
})

test('where a daemon leads, it does the range', async () => {
  const daemon = await fresh()
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  const result = await backfill(daemon, '--rescan')
  assert.equal(result.code, 0, result.stderr)
  const [{ n }] = await daemon.sql(`select count(*)::int as n from chain.jobs where finished_at is not null`)
  assert.equal(n, 1)
  await running.stop()
  assert.deepEqual(await tables(daemon.database), await tables(undisturbed.database))
})

test('wrong ranges are refused with a sentence', async () => {
  for (const [args, pattern] of [
    [['--from', '5'], /a range is needed/],
    [['--from', 'x', '--to', '7'], /no block number/],
    [['--from', '9', '--to', '7'], /range is empty/],
    [['--from', '-1', '--to', '7'], /no block number/],
    [['--from', '1', '--to', '99999999999999999999'], /no block number/],
    [['--from', '1', '--to', String(head + 1000)], /not there yet/],
  ]) {
    const { code, stderr } = await undisturbed.run(['backfill', ...args])
    assert.equal(code, 2, stderr)
    assert.match(stderr, pattern)
  }
})
