// ./dev bench head: how long from the moment a node serves a block to the commit
// of its rows, at a beat of blocks that is kept more or less, and how many
// requests that takes; what the daemon costs at rest, and how soon it is ready.
// The node is the scripted one, which stamps each block; the commit is when a
// reader sees the row, which is looked for in the database each millisecond.
// Between two blocks a row of one number is inserted and committed: the floor.
// Prints tables in Markdown. GS_BLOCKS: for each row; GS_ONLY: those that say so;
// GS_LOG: the daemon's log, at that level.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../devchain/compile.mjs'
import { gigstream } from '../devchain/gigstream.mjs'
import { end, launch, runMain, sleep, temporaryFolder, until } from '../devchain/lifetime.mjs'
import { connect, query, startPostgres } from '../devchain/postgres.mjs'
import { startScripted } from '../node/scripted.mjs'
import { figures, markdown, say } from './figures.mjs'

const blocks = Number(process.env.GS_BLOCKS ?? 60)
const only = process.env.GS_ONLY ?? ''
const warmUp = 20
const density = { empty: 0, busy: 1000, transfers: 20, batch: 10, ours: 500, noise: 10, odd: 0, failed: 0, streams: 50 }
const payouts = { ...density, transfers: 1000, ours: 1000, noise: 0, streams: 0 }

// Every row is a beat, how much a block may be late, and how it is asked for.
const scenarios = [
  { what: 'one block a second, up to 20 ms late', every: 1000, jitter: 20 },
  { what: 'two blocks a second, up to 20 ms late', every: 500, jitter: 20 },
  { what: 'one of 1,000 payouts a second', every: 1000, jitter: 20, density: payouts },
  { what: 'one block a second, up to 500 ms late', every: 1000, jitter: 500 },
  ...[50, 100, 250, 500].map((ms) => (
    { what: `so, asked for each ${ms} ms`, every: 1000, jitter: 500, poll: `${ms}ms` })),
]

const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`

// mulberry32: the same lateness in every run.
function dice(seed) {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

// Unix time in milliseconds, at which a reader sees the block.
const watcher = `create function head_seen(wanted bigint, wanted_hash text) returns double precision
  language plpgsql as $$
begin
  for i in 1..20000 loop
    if exists (select from chain.blocks where number = wanted and chain.hex(hash) = wanted_hash) then
      return extract(epoch from clock_timestamp()) * 1000;
    end if;
    perform pg_sleep(0.001);
  end loop;
  raise exception 'block % is not there after 20 seconds', wanted;
end $$`

const register = (url, addresses) => query(url, `insert into workers (email, display_name, wallet_address)
  select a || '@example.com', 'W', lower(a) from unnest($1::text[]) a`, [addresses])
const registerMany = (url, n) => query(url, `insert into workers (email, display_name, wallet_address)
  select format('s%s@example.com', i), 'S', '0x' || substr(encode(sha256(i::text::bytea), 'hex'), 1, 40)
  from generate_series(1, $1::int) i`, [n])

// A chain, a database and a daemon of its own for each row.
async function openScene(things, { cluster, folder, name, poll }) {
  const node = await startScripted({ seed: 1, rules: { block_time: 1, keep: 1, ours: 64, strangers: 64, density } })
  things.defer(node.stop)
  await node.mine({ blocks: 10 })
  const cast = await node.cast()
  const { url } = await cluster.createDatabase(`head_${name}`)
  const daemon = await gigstream(folder, {
    name: `${name}.yaml`, rpc: `${node.url}a`, database: url, usdc: cast.token, streaming: cast.streaming,
    more: { chain: poll ? { poll_interval: poll } : {}, ...(process.env.GS_LOG && { log: { level: process.env.GS_LOG } }) },
  })
  await daemon.must('db', 'push')
  await query(url, watcher)
  await query(url, 'create table head_floor (n int)')
  await register(url, cast.wallets.filter(({ role }) => role === 'worker' || role === 'platform').map(({ address }) => address))
  const reader = await connect(url)
  things.defer(() => reader.end())
  const seen = async ({ number, hash }) =>
    (await reader.query('select head_seen($1::bigint, $2::text) as at', [number, hash])).rows[0].at
  const floor = async () => {
    const begun = performance.now()
    await reader.query('insert into head_floor values (1)')
    return performance.now() - begun
  }
  return { node, url, daemon, seen, floor }
}

// Blocks at the beat; what each took, and what it was asked for.
async function beat({ node, seen, floor }, { every, jitter, density: made }, n) {
  const late = dice(every + jitter)
  const begun = performance.now()
  const took = []
  const floors = []
  for (let i = 1; i <= n; i++) {
    await sleep(Math.max(0, begun + i * every + late() * jitter - performance.now()))
    const head = await node.mine({ blocks: 1, ...(made && { density: made }) })
    took.push(await seen(head) - head.at)
    if (head.number > 4) await node.finalize({ number: head.number - 4 })
    floors.push(await floor())
  }
  return { took, floors }
}

async function latency(things, shared, scenario, i) {
  say(scenario.what)
  const scene = await openScene(things, { ...shared, name: `beat${i}`, poll: scenario.poll })
  const handle = scene.daemon.start()
  things.defer(handle.stop)
  await handle.ready()
  await beat(scene, scenario, warmUp)
  await scene.node.counts({ endpoint: 'a', reset: true })
  const { took, floors } = await beat(scene, scenario, blocks)
  const { requests, calls } = await scene.node.counts({ endpoint: 'a' })
  await handle.stop()
  if (process.env.GS_LOG) process.stderr.write(handle.log())
  await scene.node.stop()
  const { median, p99 } = figures(took)
  const row = [scenario.what, ms(median), ms(p99), ms(Math.max(...took)),
    (requests / blocks).toFixed(1), (calls / blocks).toFixed(1), ms(figures(floors).median)]
  say(row.join(' | '))
  return row
}

// What sd_notify(3) is told, as it comes.
async function manager(things, folder) {
  const path = join(folder, 'notify')
  const child = launch(join(root, 'tests/lib/notify-socket'), [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  things.defer(() => end(child))
  let said = ''
  let tell = () => {}
  child.stdout.setEncoding('utf8').on('data', (chunk) => ((said += chunk), tell()))
  await until('the socket', () => said.includes('listening'))
  return {
    path,
    ready: () => {
      said = ''
      return new Promise((resolve) => (tell = () => /READY=1/.test(said) && resolve(performance.now())))
    },
  }
}

function usage(pid) {
  const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) /)
  const fields = rest.split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mb = (key) => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)[1]) / 1024
  return { seconds: (Number(fields[11]) + Number(fields[12])) / 100, rss: mb('VmRSS'), peak: mb('VmHWM') }
}

async function starts(things, scene, notify) {
  const runs = { ready: [], resumed: [] }
  let handle
  for (let i = 0; i < 10; i++) {
    const head = await scene.node.mine({ blocks: 5 })
    const ready = notify.ready()
    const begun = performance.now()
    const wall = Date.now()
    handle = scene.daemon.start(['run'], { NOTIFY_SOCKET: notify.path })
    things.defer(handle.stop)
    runs.ready.push(await ready - begun)
    runs.resumed.push(await scene.seen(head) - wall)
    if (i < 9) await handle.stop()
  }
  return { handle, ...runs }
}

async function rest(things, shared) {
  say('at rest: a minute')
  const scene = await openScene(things, { ...shared, name: 'rest' })
  await registerMany(scene.url, 10_000)
  const notify = await manager(things, shared.folder)
  const first = scene.daemon.start()
  things.defer(first.stop)
  await until('all to be watched', async () =>
    (await query(scene.url, `select from chain.watched having count(*) filter (where since is null) = 0 and count(*) > 10000`)).length === 1)
  await until('no job', async () => (await query(scene.url, 'select from chain.jobs where finished_at is null')).length === 0)
  await first.stop()
  const { handle, ready, resumed } = await starts(things, scene, notify)
  const scenario = { every: 500, jitter: 20 }
  await beat(scene, scenario, warmUp)
  const before = usage(handle.pid)
  const begun = performance.now()
  await beat(scene, scenario, 2 * blocks)
  const after = usage(handle.pid)
  const share = (after.seconds - before.seconds) / ((performance.now() - begun) / 1000)
  await handle.stop()
  const spread = (values) => `${ms(figures(values).median)} (at most ${ms(Math.max(...values))})`
  return [
    ['10,000 wallets watched', ''],
    ['from the start to READY', spread(ready)],
    ['from a restart to the commit of the five blocks missed', spread(resumed)],
    ['of one core, with two blocks a second', `${(share * 100).toFixed(2)} %`],
    ['memory of the daemon', `${after.rss.toFixed(1)} MB (peak ${after.peak.toFixed(1)} MB)`],
  ]
}

async function main(things) {
  const cluster = await startPostgres({ durable: true })
  things.defer(cluster.stop)
  const folder = temporaryFolder({ name: 'head' })
  things.defer(folder.remove)
  const shared = { cluster, folder: folder.path }
  const rows = [['', 'median', 'p99', 'most', 'requests a block', 'calls a block', 'commit of one row']]
  for (const [i, scenario] of scenarios.entries())
    if (scenario.what.includes(only)) rows.push(await latency(things, shared, scenario, i))
  const tables = rows.length > 1 ? [rows] : []
  if ('at rest'.includes(only)) tables.push(await rest(things, shared))
  for (const table of tables) process.stdout.write(`\n${markdown(table)}\n`)
  return 0
}

runMain(main)
