// ./dev bench backfill: one chain through `gigstreamd backfill` and through
// Ponder, in pairs, each cold into a database of its own on one PostgreSQL, and
// beside them the binary COPY of our rows. Fails if the two do not hold the same
// rows. Prints a table in Markdown.
//
// GS_BLOCKS: the last block, to 8000 (Ponder keeps nonces as integers);
// GS_ROUNDS; GS_SIDES=off,ponder: these alone.
import { gigstream } from '../devchain/gigstream.mjs'
import { runMain, temporaryFolder } from '../devchain/lifetime.mjs'
import { query, startPostgres } from '../devchain/postgres.mjs'
import { startScripted } from '../node/scripted.mjs'
import { finished, prepareCopy } from './copy.mjs'
import { figures, markdown, say } from './figures.mjs'
import { measure } from './measure.mjs'
import { preparePonder, version } from './ponder/run.mjs'
import { countOf, mustAgree, oursIn, pondersIn } from './rows.mjs'

const to = Number(process.env.GS_BLOCKS ?? 5000)
const rounds = Number(process.env.GS_ROUNDS ?? 3)
const wanted = (process.env.GS_SIDES ?? 'off,receipts,ponder,payouts,deferred,ponder_payouts').split(',')

// Blocks of 98 transfers and of some events of streams (tests/node/content.h).
const density = { empty: 0, busy: 1000, transfers: 98, batch: 1, ours: 20, noise: 0, odd: 0, failed: 0, streams: 700 }
// Empty ones behind them: Ponder takes the newest 30 of a chain for not final,
// and is ready without them.
const tail = 64

async function startChain(things, more) {
  say(`mining ${to} blocks`)
  const node = await startScripted({ seed: 1, rules: { ours: 1024, strangers: 4096, density: { ...density, ...more }, keep: 1 } })
  things.defer(node.stop)
  for (let left = to; left > 0; left -= 1000) await node.mine({ blocks: Math.min(left, 1000) })
  await node.mine({ blocks: tail, density: { empty: 1000 } })
  await node.finalize({ behind: 0 })
  return node
}

async function register(url, { wallets }) {
  const of = (wanted) => wallets.filter(({ role }) => role === wanted).map(({ address }) => address.toLowerCase())
  await query(url, `insert into workers (email, display_name, wallet_address)
    select a || '@example.com', 'W', a from unnest($1::text[]) a`, [of('worker')])
  await query(url, `insert into platforms (email, name, wallet_address, api_key_hash)
    select a || '@example.com', 'P', a, encode(sha256(a::bytea), 'hex') from unnest($1::text[]) a`, [of('platform')])
}

// Each transfer, but what goes into a stream, is a row of transactions.
async function mustBePaid(url) {
  const [{ n }] = await query(url, `select (select count(*) from chain.transfers where role <> 'escrow')
    - (select count(*) from transactions where status = 'confirmed') n`)
  if (n !== '0') throw new Error(`${n} transfers are no payment`)
}

// An empty database with our schema.
async function ourDatabase({ cluster, folder, node, cast }, name, more) {
  const database = await cluster.createDatabase(name)
  const daemon = await gigstream(folder.path, {
    name: `${name}.yaml`, rpc: `${node.url}${name}`, database: database.url, usdc: cast.token, streaming: cast.streaming,
    more: { ...more, log: { level: 'error' } },
  })
  await daemon.must('db', 'push')
  return { ...database, daemon }
}

async function copies(world, name, from, events) {
  const to = await ourDatabase(world, `${name}_copy`, {})
  const { copy, copyBare, remove } = await prepareCopy(from, to.url)
  const run = async (start) => ({ events, ...await measure(world, 'nobody', start, finished) })
  const runs = { copy: await run(copy), bare: await run(copyBare) }
  await remove()
  await to.drop()
  return runs
}

// { rows, run, copy, bare }; defer: indexes, to the end. Whole all the same.
async function throughUs(world, { name, verify, transfers, defer = 'no' }) {
  const { url, drop, daemon } = await ourDatabase(world, name, { chain: { verify }, transfers })
  if (transfers === 'watched') await register(url, world.cast)
  const start = () => daemon.start(['backfill', '--from', '0', '--to', String(to), '--defer-indexes', defer])
  const run = await measure(world, name, start, async ({ closed }) => {
    const { code, stderr } = await closed
    if (code !== 0) throw new Error(stderr)
  })
  if (transfers === 'watched') await mustBePaid(url)
  await daemon.must('db', 'check')
  const rows = await oursIn(url)
  const events = countOf(rows)
  const floor = defer === 'no' ? await copies(world, name, url, events) : {}
  await drop()
  return { rows, run: { events, ...run }, ...floor }
}

// { rows, run }
async function throughPonder(world, { name }) {
  const { url, drop } = await world.cluster.createDatabase(name)
  const ponder = await preparePonder({ rpc: `${world.node.url}${name}`, database: url, cast: world.cast, to })
  const run = await measure(world, name, ponder.start, ponder.ready).finally(ponder.stop)
  const rows = await pondersIn(url)
  await drop()
  return { rows, run: { events: countOf(rows), ...run } }
}

// On the second every transfer pays a worker, or is a stream's. Ponder does the
// same on both, so that once is enough there.
const chains = [
  { more: {}, sides: {
    off: (world) => throughUs(world, { name: 'off', verify: 'off', transfers: 'all' }),
    receipts: (world) => throughUs(world, { name: 'receipts', verify: 'receipts', transfers: 'all' }),
    ponder: (world) => throughPonder(world, { name: 'ponder' }),
  } },
  { more: { ours: 1000, payouts: 1000 }, sides: {
    payouts: (world) => throughUs(world, { name: 'payouts', verify: 'off', transfers: 'watched' }),
    deferred: (world) => throughUs(world, { name: 'deferred', verify: 'off', transfers: 'watched', defer: 'yes' }),
    ponder_payouts: (world, round) => round === 0 && throughPonder(world, { name: 'ponder_payouts' }),
  } },
]

async function oneRound(world, sides, round, results) {
  const rows = {}
  for (const [side, run] of sides) {
    const result = await run(world, round)
    if (!result) continue
    say(`round ${round + 1}, ${side}: ${JSON.stringify(result.run)}`)
    rows[side] = result.rows
    for (const what of ['run', 'copy', 'bare']) if (result[what]) (results[`${side} ${what}`] ??= []).push(result[what])
  }
  const [first, ...others] = Object.keys(rows)
  for (const side of others) mustAgree(`${first} and ${side}`, rows[first], rows[side])
}

async function throughChain(things, shared, { more, sides }, results) {
  const chosen = Object.entries(sides).filter(([side]) => wanted.includes(side))
  if (chosen.length === 0) return
  const node = await startChain(things, more)
  const world = { ...shared, node, cast: await node.cast() }
  for (let round = 0; round < rounds; round++) await oneRound(world, chosen, round, results)
  await node.stop()
}

const rate = ({ events, seconds }) => events / seconds
const median = (values) => figures(values).median

// Of two runs of each round; what was run once stands for all rounds.
function ratio(a, b) {
  return a && b ? median(a.map((run, i) => rate(run) / rate(b[Math.min(i, b.length - 1)]))).toFixed(2) : ''
}

function table(results) {
  const line = (name, key, ponder, floor) => {
    const runs = results[key]
    if (!runs) return []
    const of = (what, digits = 0) => median(runs.map((run) => run[what])).toFixed(digits)
    const asked = Number(of('requests')) > 0
    return [[name, Math.round(median(runs.map(rate))).toLocaleString('en'), ratio(runs, results[ponder]), ratio(runs, results[floor]),
      of('seconds', 1), `${of('indexer', 1)} + ${of('postgres', 1)} + ${of('node', 1)}`, `${of('memory')} MB`,
      asked ? of('requests') : '', asked ? `${(Number(of('bytes')) / 1e6).toFixed(0)} MB` : '']]
  }
  const ours = (name, side, ponder) => [
    ...line(name, `${side} run`, ponder, `${side} copy`),
    ...line('binary COPY of its rows', `${side} copy`, ponder),
    ...line('without indexes, checks and triggers', `${side} bare`, ponder),
  ]
  return [
    ['', 'events/s', 'of Ponder\'s', 'of its COPY', 'seconds', 'CPU s, itself + PostgreSQL + node', 'memory', 'requests', 'replies'],
    ...ours('`transfers: all`, `verify: off`', 'off', 'ponder run'),
    ...ours('`transfers: all`, `verify: receipts`', 'receipts', 'ponder run'),
    ...line(`Ponder ${version}`, 'ponder run', 'ponder run'),
    ...ours('`watched`, `off`, all are payouts', 'payouts', 'ponder_payouts run'),
    ...line('the same, indexes deferred', 'deferred run', 'ponder_payouts run', 'payouts copy'),
    ...line(`Ponder ${version}, on that chain`, 'ponder_payouts run', 'ponder_payouts run'),
  ]
}

async function main(things) {
  const known = chains.flatMap(({ sides }) => Object.keys(sides))
  const strange = wanted.filter((side) => !known.includes(side))
  if (strange.length > 0) throw new Error(`GS_SIDES=${wanted}: there are ${known}`)
  const cluster = await startPostgres({ durable: true })
  things.defer(cluster.stop)
  const folder = temporaryFolder({ name: 'backfill' })
  things.defer(folder.remove)
  const results = {}
  for (const chain of chains) await throughChain(things, { cluster, folder }, chain, results)
  process.stdout.write(`\n${markdown(table(results))}\n`)
  return 0
}

runMain(main)
