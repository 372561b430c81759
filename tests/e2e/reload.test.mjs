// SIGHUP: another configuration for a daemon that goes on.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../devchain/compile.mjs'
import { end, launch, until } from '../devchain/lifetime.mjs'
import { openBranch } from './lib/branch.mjs'
import { startProxy } from './lib/proxy.mjs'
import { equalsScratch } from './lib/scratch.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { things, chain, actions, platform, workers, folder, openDaemon } = world

async function openProxy() {
  const proxy = await startProxy(chain.url)
  things.defer(proxy.stop)
  return proxy
}

// A daemon on a proxy of its own, with its people.
async function open(options) {
  const proxy = await openProxy()
  const daemon = await openDaemon({ rpc: proxy.url, ...options })
  await daemon.addPeople()
  const edit = (from, to) => {
    const text = readFileSync(daemon.config, 'utf8')
    assert.ok(text.includes(from), `${from} is not in the configuration`)
    writeFileSync(daemon.config, text.replace(from, to))
  }
  return { proxy, daemon, edit }
}

const times = (text, pattern) => [...text.matchAll(pattern)].length
async function hangUp(running, pattern = /SIGHUP: the endpoints are/g) {
  const before = times(running.log(), pattern)
  running.signal('SIGHUP')
  await until('the configuration to be taken over', () => times(running.log(), pattern) > before)
}

test('another endpoint is asked from now on; the process stays, and no block is missed', async () => {
  const { proxy, daemon, edit } = await open()
  const running = daemon.start()
  await running.ready()
  const other = await openProxy()
  edit(proxy.url, other.url)
  await hangUp(running)
  await until('the other one to be asked', () => other.requests > 3)
  const { requests } = proxy
  await actions.transfer(platform, workers[0].address, usdc(1))
  await daemon.caughtUp()
  assert.equal(proxy.requests, requests)
  edit(other.url, 'http://127.0.0.1:1')
  await hangUp(running)
  await until('a dead node to be noticed', async () => (await running.get('/readyz')).status === 503)
  edit('http://127.0.0.1:1', proxy.url)
  await hangUp(running)
  await running.ready()
  await actions.transfer(platform, workers[1].address, usdc(2))
  await chain.mine(3)
  await equalsScratch(world, daemon)
  const { code } = await running.stop()
  assert.equal(code, 0)
})

test('in the middle of a catch-up nothing that is in hand is lost', async () => {
  await chain.mine(1500)
  const { proxy, daemon, edit } = await open()
  let held = 0
  let release
  const gate = new Promise((resolve) => (release = resolve))
  proxy.behave = async ({ calls, forward }) => {
    if (calls.length > 3) { // a span's
      held++
      await gate
    }
    return forward()
  }
  const running = daemon.start()
  await until('a span in hand', () => held > 0)
  const other = await openProxy()
  edit(proxy.url, other.url)
  await hangUp(running)
  await until('the other one to be asked', () => other.requests > 0)
  release()
  await equalsScratch(world, daemon)
  assert.doesNotMatch(running.log(), /warn|error/)
  await running.stop()
})

test('a wrong configuration is refused with its line, and the one in force stays', async () => {
  const { proxy, daemon, edit } = await open()
  const running = daemon.start()
  await running.ready()
  const refused = /SIGHUP: the configuration is refused, and the one in force stays: (.*)/g
  const line = readFileSync(daemon.config, 'utf8').split('\n').findIndex((text) => text.includes('verify')) + 1
  edit('verify:', 'verfy:')
  await hangUp(running, refused)
  assert.match([...running.log().matchAll(refused)].at(-1)[1], new RegExp(`${daemon.config}:${line}: .*did you mean verify\\?`))
  edit('verfy:', 'verify:')
  edit(proxy.url, 'ftp://secret@nowhere')
  await hangUp(running, refused)
  assert.doesNotMatch(running.log(), /secret/)
  const asked = proxy.requests
  await actions.transfer(platform, workers[0].address, usdc(1))
  await daemon.caughtUp()
  assert.ok(proxy.requests > asked)
  await running.stop()
})

test('the log level changes; what takes a restart is named, and only that', async () => {
  const { daemon, edit } = await open()
  const running = daemon.start()
  await running.ready()
  assert.doesNotMatch(running.log(), / debug /)
  edit('level: "info"', 'level: "debug"')
  await hangUp(running, /SIGHUP: the log level is debug/g)
  await actions.transfer(platform, workers[0].address, usdc(1))
  await running.logged(/ debug /)
  assert.doesNotMatch(running.log(), /takes a restart/)
  edit('level: "debug"', 'level: "warn"')
  edit('verify: "receipts"', 'verify: "off"')
  edit('confirmations: "finalized"', 'confirmations: "12"')
  await hangUp(running, /takes a restart/g)
  const named = [...running.log().matchAll(/SIGHUP: (\S+) has changed, which takes a restart/g)].map(([, key]) => key)
  assert.deepEqual(named, ['chain.confirmations', 'chain.verify'])
  await running.stop()

  const fixed = daemon.start(['run', '--log-level', 'info'])
  await fixed.ready()
  await hangUp(fixed, /the log level stays, as --log-level says/g)
  await fixed.stop()
})

test('an endpoint of our chain ends a halt that another one caused', async () => {
  const { proxy, daemon, edit } = await open()
  const running = daemon.start()
  await running.ready()
  const liar = await openBranch(world)
  await actions.transfer(platform, workers[0].address, usdc(1))
  await chain.mine(4)
  await daemon.caughtUp()
  await until('finality', async () => Number((await daemon.sql('select final_number from chain.chains'))[0].final_number) > (await chain.head()) - 3)
  await liar.chain.mine(12)
  proxy.target = liar.url
  await running.logged(/halted: block/)
  edit(proxy.url, chain.url)
  await hangUp(running)
  await running.ready()
  await equalsScratch(world, daemon)
  await running.stop()
})

test('the service manager is told when it begins and when it is done', async () => {
  const path = join(folder, 'notify')
  const manager = launch(join(root, 'tests/lib/notify-socket'), [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  things.defer(() => end(manager))
  let said = ''
  manager.stdout.setEncoding('utf8').on('data', (chunk) => (said += chunk))
  await until('the socket', () => said.includes('listening'))
  const { daemon, edit } = await open()
  const running = daemon.start(['run'], { NOTIFY_SOCKET: path })
  await running.ready()
  await until('READY', () => /READY=1/.test(said))
  const uptime = () => Math.round(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e6)
  for (const [from, to] of [['verify:', 'verfy:'], ['verfy:', 'verify:']]) { // refused ones end, too
    said = ''
    edit(from, to)
    running.signal('SIGHUP')
    await until('the end of the reload', () => /RELOADING=1[^]*MONOTONIC_USEC=\d+[^]*READY=1/.test(said))
    const usec = Number(/MONOTONIC_USEC=(\d+)/.exec(said)[1])
    assert.ok(Math.abs(uptime() - usec) < 60e6, `${usec} is not the monotonic clock`)
  }
  for (let i = 0; i < 20; i++) running.signal('SIGHUP')
  await until('the last of them', () => /READY=1[^]*READY=1/.test(said))
  await running.stop()
})
