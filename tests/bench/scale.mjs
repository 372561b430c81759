// ./dev bench scale: what a million registered wallets cost. Two daemons follow
// one chain, each into a database of its own, and one of them watches a million
// wallets more (GS_WALLETS). Then ten thousand who have a history register at
// once. Prints tables in Markdown.
import { readFileSync } from 'node:fs'
import { gigstream } from '../devchain/gigstream.mjs'
import { runMain, temporaryFolder, until } from '../devchain/lifetime.mjs'
import { query, startPostgres } from '../devchain/postgres.mjs'
import { startScripted } from '../node/scripted.mjs'
import { figures, markdown, say } from './figures.mjs'

const wallets = Number(process.env.GS_WALLETS ?? 1_000_000)
const blocks = Number(process.env.GS_BLOCKS ?? 200)
const late = 10_000
const density = { empty: 0, busy: 1000, transfers: 100, batch: 10, ours: 500, noise: 10, odd: 0, failed: 0, streams: 50 }
const patient = { deadlineMs: 1_200_000 }

const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`
const seconds = (value) => `${(value / 1000).toFixed(1)} s`
const spread = (values) => (({ median, p99 }) => `${ms(median)} (p99 ${ms(p99)})`)(figures(values))

async function timed(what) {
  const begun = performance.now()
  await what()
  return performance.now() - begun
}

const none = async (url, from) => (await query(url, `select from ${from} limit 1`)).length === 0
const until0 = (url, from) => until(`no ${from}`, () => none(url, from), patient)
const adopted = (url) => until0(url, 'chain.watched where since is null')
const complete = (url) => until0(url, 'chain.jobs where finished_at is null')

// As one statement.
const register = (url, addresses) => query(url, `insert into workers (email, display_name, wallet_address)
  select a || '@example.com', 'W', lower(a) from unnest($1::text[]) a`, [addresses])
// Wallets that nobody pays.
const registerMany = (url, n) => query(url, `insert into workers (email, display_name, wallet_address)
  select format('s%s@example.com', i), 'S', '0x' || substr(encode(sha256(i::text::bytea), 'hex'), 1, 40)
  from generate_series(1, $1::int) i`, [n])

// A daemon with a database; both see the same chain.
async function openSide(things, { cluster, folder, node, cast, name }) {
  const { url } = await cluster.createDatabase(`scale_${name}`)
  const daemon = await gigstream(folder, {
    name: `${name}.yaml`, rpc: `${node.url}${name}`, database: url, usdc: cast.token, streaming: cast.streaming,
    more: { chain: { poll_interval: '100ms' } },
  })
  await daemon.must('db', 'push')
  let handle
  return {
    url,
    status: () => timed(() => daemon.must('status')),
    start: () => timed(async () => {
      handle = daemon.start()
      things.defer(handle.stop)
      await handle.ready(120_000)
    }),
    stop: () => handle.stop(),
    memory: () => {
      const text = readFileSync(`/proc/${handle.pid}/status`, 'utf8')
      const mb = (key) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(text)[1]) / 1024)
      return `${mb('VmRSS')} MB (peak ${mb('VmHWM')} MB)`
    },
    // What commits of blocks took so far.
    commits: async () => {
      const { body } = await handle.get('/metrics')
      const of = (what) => Number(new RegExp(`^gigstream_commit_seconds_${what} (\\S+)`, 'm').exec(body)[1])
      return { ms: of('sum') * 1000, n: of('count') }
    },
    has: (number, hash) => until(`block ${number}`, async () =>
      (await query(url, 'select from chain.blocks where number = $1 and chain.hex(hash) = $2', [number, hash])).length === 1,
    { ...patient, everyMs: 5 }),
  }
}

// Block after block, each for all sides at once: the commits of each side.
async function follow(node, sides, n) {
  const runs = sides.map(() => [])
  for (let i = 0; i < n; i++) {
    const before = await Promise.all(sides.map((side) => side.commits()))
    const { number, hash } = await node.mine({ blocks: 1 })
    await Promise.all(sides.map((side) => side.has(number, hash)))
    for (const [j, side] of sides.entries()) {
      const { ms: sum, n: count } = await side.commits()
      if (count > before[j].n) runs[j].push((sum - before[j].ms) / (count - before[j].n))
    }
  }
  return runs
}

// From a fork of two blocks to the new branch in each database.
async function reorgs(node, sides, n) {
  const runs = sides.map(() => [])
  for (let i = 0; i < n; i++) {
    const { number, hash } = await node.fork({ depth: 2 })
    await Promise.all(sides.map(async (side, j) => runs[j].push(await timed(() => side.has(number, hash)))))
  }
  return runs
}

async function millionTable(things, node, few, many) {
  const sides = [few, many]
  for (const side of sides) await side.start()
  say(`registering ${wallets} wallets: some minutes`)
  const insert = await timed(() => registerMany(many.url, wallets))
  say(`inserted in ${seconds(insert)}`)
  const adopting = timed(() => adopted(many.url))
  const meanwhile = await follow(node, sides, 20)
  const adoption = await adopting
  const histories = await timed(() => complete(many.url))
  for (const side of sides) await side.stop()
  for (const side of sides) await query(side.url, 'vacuum analyze')
  const starts = []
  for (const side of sides) starts.push(await side.start())
  const runs = await follow(node, sides, blocks)
  const forks = await reorgs(node, sides, 10)
  const each = async (what) => [await what(few), await what(many)]
  return [
    [`${wallets.toLocaleString('en')} wallets more`, 'without', 'with'],
    ['memory of the daemon', ...await each((side) => side.memory())],
    ['from its start to ready', ...starts.map(ms)],
    ['a block of 100 transfers, commit', ...runs.map(spread)],
    ['a reorg of two blocks, until followed', ...forks.map(spread)],
    ['`gigstreamd status`', ...(await each((side) => side.status())).map(ms)],
    ['such a block while they are being adopted', ...meanwhile.map(spread)],
    ['all of them are watched after', '', seconds(adoption)],
    ['and their histories, of 50 blocks, read after', '', seconds(histories)],
  ]
}

async function lateTable(node, side, addresses) {
  const { number } = await node.mine({ blocks: 300 })
  await until('the daemon to follow', async () => !(await none(side.url, `chain.blocks where number = ${number}`)), patient)
  await node.counts({ endpoint: 'few', reset: true })
  const history = timed(async () => {
    await register(side.url, addresses)
    await until('a job', async () => !(await none(side.url, 'chain.jobs')))
    await complete(side.url)
  })
  const [meanwhile] = await follow(node, [side], 10)
  const took = await history
  const { methods } = await node.counts({ endpoint: 'few' })
  return [
    [`${late.toLocaleString('en')} wallets with a history in ${number} blocks`, ''],
    ['complete after', seconds(took)],
    ['calls of eth_getLogs', methods.eth_getLogs],
    ['a new block meanwhile, commit', spread(meanwhile)],
  ]
}

async function main(things) {
  const cluster = await startPostgres({ durable: true })
  things.defer(cluster.stop)
  const folder = temporaryFolder({ name: 'scale' })
  things.defer(folder.remove)
  const node = await startScripted({ seed: 1, rules: { ours: late + 32, strangers: 32, density } })
  things.defer(node.stop)
  await node.mine({ blocks: 50 })
  const cast = await node.cast()
  const people = cast.wallets.filter(({ role }) => role === 'worker' || role === 'platform').map(({ address }) => address)
  const shared = { cluster, folder: folder.path, node, cast }
  const few = await openSide(things, { ...shared, name: 'few' })
  const many = await openSide(things, { ...shared, name: 'many' })
  for (const side of [few, many]) await register(side.url, people.slice(0, 32))
  const million = await millionTable(things, node, few, many)
  await many.stop()
  for (const table of [million, await lateTable(node, few, people.slice(32))]) process.stdout.write(`\n${markdown(table)}\n`)
  return 0
}

runMain(main)
