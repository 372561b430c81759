// What could not be believed, and what becomes of it: an upgrade decodes it, or
// an operator drops it.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../devchain/compile.mjs'
import { until } from '../devchain/lifetime.mjs'
import { topicOf, word } from '../devchain/logs.mjs'
import { equalsScratch, rebuildsNothing } from './lib/scratch.mjs'
import { count } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, contracts, actions, platform, workers, folder, openDaemon } = world
await playScenario(world)

// The mapping of streams as somebody got it wrong: the platform of a new stream
// is no topic. Each StreamCreated has a topic too many for it.
function wrongMapping() {
  const read = (name) => JSON.parse(readFileSync(join(root, 'contracts-abi', name), 'utf8'))
  const abi = read('payment-streaming.json')
  abi.find(({ name }) => name === 'StreamCreated').inputs.find(({ name }) => name === 'platform').indexed = false
  writeFileSync(join(folder, 'wrong.json'), JSON.stringify(abi))
  const path = join(folder, 'wrong.mapping.json')
  writeFileSync(path, JSON.stringify({ ...read('payment-streaming.mapping.json'), name: 'Wrong', abi: 'wrong.json' }))
  return path
}

async function withWrongMapping() {
  const path = wrongMapping()
  const streaming = [{ address: contracts.streaming.address, abi: path, start_block: contracts.startBlock }]
  const daemon = await openDaemon({ more: { contracts: { streaming } } })
  await daemon.addPeople()
  const upgrade = () => writeFileSync(daemon.config, readFileSync(daemon.config, 'utf8').replace(path, 'PaymentStreaming'))
  return { daemon, upgrade }
}

const list = async (daemon, ...args) => JSON.parse(await daemon.must('quarantine', 'list', '--json', ...args))
const retry = async (daemon, ...args) => {
  const { seconds, ...result } = JSON.parse(await daemon.must('quarantine', 'retry', '--json', ...args))
  return result
}

test('after an upgrade all of it decodes, without the node and without a daemon', async () => {
  const { daemon, upgrade } = await withWrongMapping()
  await daemon.must('backfill', '--from', '0', '--to', 'latest')
  const held = await list(daemon)
  const malformed = held.filter(({ kind }) => kind === 'malformed')
  assert.equal(malformed.length, 4)
  assert.ok(held.length > 4) // what contradicts, since the streams are not known
  assert.equal(malformed[0].reason, 'the number of topics is not the event\'s')
  assert.equal(await count(daemon.database, 'streams'), 0)
  const before = await retry(daemon, '--all')
  assert.deepEqual(before, { retried: held.length, decoded: 0, released: 0, left: held.length })

  upgrade()
  const [first] = malformed
  const shown = await daemon.must('quarantine', 'show', String(first.id))
  assert.match(shown, /event +StreamCreated\(uint256,address,address,uint256,uint256,uint256\)\nnow +decodes/)
  const after = await retry(daemon, String(first.id))
  assert.equal(after.decoded, 1)
  assert.equal(await count(daemon.database, 'streams'), 1)
  const rest = await retry(daemon, '--all')
  assert.deepEqual([rest.decoded, rest.left], [3, 0])
  assert.equal(await count(daemon.database, 'chain.quarantine'), 0)
  await equalsScratch(world, daemon)
})

test('the daemon that leads does it', async () => {
  const { daemon, upgrade } = await withWrongMapping()
  await daemon.must('backfill', '--from', '0', '--to', 'latest')
  upgrade()
  const running = daemon.start()
  await running.ready()
  const { decoded, left } = await retry(daemon, '--all')
  assert.deepEqual([decoded, left], [4, 0])
  await until('the metric to fall', async () => /^gigstream_quarantined 0$/m.test((await running.get('/metrics')).body))
  await equalsScratch(world, daemon)
  await running.stop()
})

test('what is shown, dropped, and tried again', async () => {
  const created = topicOf('StreamCreated(uint256,address,address,uint256,uint256,uint256)')
  await actions.emitLog(contracts.streaming, [created, word(8n), word(2n ** 200n), word(2n)], `0x${'00'.repeat(96)}`) // dirty
  const released = topicOf('PaymentReleased(uint256,address,uint256,uint256)')
  await actions.emitLog(contracts.streaming, [released, word(4242n), word(1n)], word(5n) + word(5n).slice(2)) // never created
  const daemon = await openDaemon()
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  const [dirty, contradicting] = await list(daemon)
  assert.deepEqual([dirty.kind, contradicting.kind], ['malformed', 'contradicting'])
  const shown = await daemon.must('quarantine', 'show', String(dirty.id))
  assert.match(shown, /does not decode: an address exceeds 160 bits/)
  assert.match(shown, /worker \(topic\) 0x0{13}10{50}: an address exceeds 160 bits\n/)
  assert.match(shown, /platform \(topic\) 0x0{63}2\n/)
  assert.match(await daemon.must('quarantine', 'list'), /malformed +0x.* an address exceeds 160 bits/)

  await daemon.must('quarantine', 'drop', String(dirty.id), '--reason', 'a prank')
  await daemon.must('quarantine', 'drop', String(contradicting.id), '--reason', 'a test of ours')
  const { quarantined } = JSON.parse(await daemon.must('status', '--json'))
  assert.equal(quarantined, 0)
  await until('the metric to fall', async () => /^gigstream_quarantined 0$/m.test((await running.get('/metrics')).body))
  assert.deepEqual(await list(daemon), [])
  const dropped = await list(daemon, '--dropped')
  assert.deepEqual(dropped.map((row) => row.dropped.reason), ['a prank', 'a test of ours'])
  assert.match(dropped[0].dropped.by, /.@./)
  const audit = await daemon.sql(`select action, resource_type, resource_id, actor_type from audit_logs where action = 'quarantine.drop' order by resource_id`)
  assert.deepEqual(audit[0], { action: 'quarantine.drop', resource_type: 'quarantine', resource_id: String(dirty.id), actor_type: 'operator' })
  assert.equal(audit.length, 2)
  await rebuildsNothing(daemon) // dropped, and still a contradiction

  const again = await daemon.run(['quarantine', 'drop', String(dirty.id), '--reason', 'twice'])
  assert.deepEqual([again.code, /was dropped before/.test(again.stderr)], [1, true])
  const none = await daemon.run(['quarantine', 'retry', '--all'])
  assert.deepEqual([none.code, /there is nothing to try again/.test(none.stderr)], [1, true])
  const payout = await actions.transfer(platform, workers[0].address, usdc(2))
  await daemon.caughtUp()
  assert.ok(payout)
  await running.stop()
})

test('wrong usage is told', async () => {
  const daemon = await openDaemon()
  for (const [args, said] of [
    [['retry'], /name what is to be tried again: ids, or --all/],
    [['retry', '3', '--all'], /ids, or --all/],
    [['retry', 'x'], /x is no id; see: gigstreamd quarantine list/],
    [['drop', '3'], /say why, in at most 500 letters: --reason TEXT/],
    [['drop', '3', '--reason', ''], /say why/],
    [['list', '--after', '-1'], /is no id/],
  ]) {
    const { code, stderr } = await daemon.run(['quarantine', ...args])
    assert.equal(code, 2, args.join(' '))
    assert.match(stderr, said)
  }
  const { code, stderr } = await daemon.run(['quarantine', 'show', '9'])
  assert.deepEqual([code, /nothing in quarantine has this id/.test(stderr)], [1, true])
})
