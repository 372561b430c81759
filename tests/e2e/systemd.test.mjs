// What systemd sees of us, without systemd: the unit file and a NOTIFY_SOCKET.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../devchain/compile.mjs'
import { end, launch, until } from '../devchain/lifetime.mjs'
import { query, startPostgres } from '../devchain/postgres.mjs'
import { startProxy } from './lib/proxy.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, anvil, folder, openDaemon } = world

async function listen(name) {
  const path = join(folder, name)
  const child = launch(join(root, 'tests/lib/notify-socket'), [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  world.things.defer(() => end(child))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (said += chunk))
  await until('the socket', () => said.includes('listening'))
  return { path, said: () => said }
}

test('READY comes only when node and database have been checked', async () => {
  const manager = await listen('notify')
  const proxy = await startProxy(anvil.url)
  world.things.defer(proxy.stop)
  let release
  const held = new Promise((resolve) => (release = resolve))
  proxy.behave = async ({ forward }) => (await held, forward())
  const daemon = await openDaemon({ rpc: proxy.url })
  await daemon.addPeople()
  const running = daemon.start(['run'], { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '400000' })
  await until('a word to the manager', () => manager.said().includes('STATUS='))
  await until('the node to be asked', () => proxy.requests > 0)
  assert.doesNotMatch(manager.said(), /READY=1/)
  release()
  await until('READY', () => /READY=1/.test(manager.said()))
  await until('a STATUS that says where it is', () => /STATUS=following: block \d+ of \d+/.test(manager.said()))
  await until('the watchdog', () => /WATCHDOG=1/.test(manager.said()))
  await actions.transfer(platform, workers[0].address, usdc(1))
  await daemon.caughtUp()
  const started = Date.now()
  const { code } = await running.stop('SIGTERM')
  assert.equal(code, 0)
  assert.ok(Date.now() - started < 5000)
  assert.match(manager.said(), /STOPPING=1/)
})

test('SIGTERM in the middle of a catch-up ends within five seconds', async () => {
  await chain.mine(2000)
  const proxy = await startProxy(anvil.url)
  world.things.defer(proxy.stop)
  const daemon = await openDaemon({ rpc: proxy.url })
  await daemon.addPeople()
  const running = daemon.start()
  await until('work in hand', () => proxy.calls > 100)
  const started = Date.now()
  const { code } = await running.stop('SIGTERM')
  assert.equal(code, 0)
  assert.ok(Date.now() - started < 5000)
})

test('SIGTERM ends within five seconds even where the database hangs', async () => {
  const postgres = await startPostgres()
  const { url } = await postgres.createDatabase('gigstream')
  const daemon = await openDaemon({ schema: false, database: url })
  await daemon.must('db', 'push')
  await daemon.addPeople()
  const running = daemon.start()
  await running.ready()
  const backends = await query(url, `select pid from pg_stat_activity where application_name = 'gigstreamd'`)
  const stopped = [...backends.map(({ pid }) => pid), postgres.pid()]
  const all = (signal) => stopped.forEach((pid) => process.kill(pid, signal))
  all('SIGSTOP')
  try {
    await actions.transfer(platform, workers[0].address, usdc(1))
    await until('a commit to hang', async () => JSON.parse((await running.get('/readyz')).body).checks.sync.commit_age_seconds > 2)
    const started = Date.now()
    await running.stop('SIGTERM', 60_000)
    assert.ok(Date.now() - started < 5000, `${Date.now() - started} ms`)
  } finally {
    all('SIGCONT')
    await postgres.stop()
  }
})

test('the unit is hardened', (t) => {
  const unit = join(root, 'config/gigstreamd.service')
  const { error, status, stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' })
  if (error) return t.skip('systemd-analyze is not installed')
  assert.equal(status, 0)
  const [, exposure] = /Overall exposure level for .*: ([\d.]+)/.exec(stdout)
  assert.ok(Number(exposure) <= 2.0, `exposure is ${exposure}`)
})
