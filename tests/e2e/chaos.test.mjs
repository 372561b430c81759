// Random life against the whole program: a chain that reorganises, a node that
// misbehaves, a database that drops connections, daemons that are killed, people
// who register late. Whenever it has become quiet, the database must hold what
// a fresh one holds that saw only the chain as it is now.
//
// GS_SEED=n plays a script again (what happens at the same time still differs),
// GS_STEPS=n makes it longer.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { openActions } from '../devchain/actions.mjs'
import { startAnvil } from '../devchain/anvil.mjs'
import { openChain } from '../devchain/chain.mjs'
import { compile } from '../devchain/compile.mjs'
import { deployOne } from '../devchain/deploy.mjs'
import { sleep, until } from '../devchain/lifetime.mjs'
import { topicOf, word } from '../devchain/logs.mjs'
import { query } from '../devchain/postgres.mjs'
import { startProxy } from './lib/proxy.mjs'
import { randomFrom } from './lib/random.mjs'
import { tables, wrongStatistics } from './lib/tables.mjs'
import { openTraffic } from './lib/traffic.mjs'
import { weathers } from './lib/weather.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const seed = Number(process.env.GS_SEED ?? randomInt(2 ** 31))
const steps = Number(process.env.GS_STEPS ?? 60)
const stepsARound = [4, 24] // at least, at most
const deepest = 10 // of a reorg
const slotsInAnEpoch = 8 // anvil: what is final is twice that behind the head
const toFinal = 2 * slotsInAnEpoch

console.log(`GS_SEED=${seed} GS_STEPS=${steps}`)
const random = randomFrom(seed)
const world = await openWorld({ slotsInAnEpoch })
const { chain, contracts, actions, anvil, things } = world
const proxy = await startProxy(anvil.url)
things.defer(proxy.stop)

const feeWallet = chain.account(15).address
const batch = await deployOne(chain, compile().Batch)
const strangers = [12, 13].map(chain.account)
const platforms = [world.platform, world.other, chain.account(11)]
const workers = [...world.workers, ...[7, 8, 9, 10].map(chain.account)]
for (const { address } of [batch, ...strangers, ...workers]) await actions.mint(address, usdc(1000))
await actions.mint(platforms[2].address, usdc(1000))
await actions.approve(platforms[2])
const approval = actions.call(contracts.usdc, 'approve', contracts.streaming.address, usdc(1000))
await chain.send(chain.owner, actions.together(batch, [approval]))
// Logs of ours that do not fit.
const created = topicOf('StreamCreated(uint256,address,address,uint256,uint256,uint256)')
const released = topicOf('PaymentReleased(uint256,address,uint256,uint256)')
await actions.emitLog(contracts.streaming, [created, word(7n), word(1n), word(2n)], '0x1234')
await actions.emitLog(contracts.streaming, [released, word(4242n), word(1n)], word(5n) + word(5n).slice(2))
await chain.mine(toFinal) // no reorg may bring back the code that made them
const traffic = openTraffic(random, { platforms, workers, strangers, feeWallet, batch })

const settings = { more: {
  fee_wallets: [feeWallet],
  transfers: random.weighted({ watched: 3, all: 1 }),
  chain: {
    confirmations: random.oneOf(['finalized', 'finalized', toFinal]),
    verify: random.weighted({ receipts: 3, bloom: 2, off: 1 }),
  },
} }
console.log(JSON.stringify(settings.more))
const ours = await world.openDaemon({ rpc: proxy.url, ...settings })
const standby = await world.openDaemon({ rpc: proxy.url, ...settings, schema: false, database: ours.database })

const said = []
const say = (text) => said.push(`${new Date().toISOString().slice(14, 23)} ${text}`)

// People: some from the beginning, others at a random moment.
const strange = [
  ...workers.map(({ address }, i) => ['worker', `w${i}`, address]),
  ...[...platforms, batch].map(({ address }, i) => ['platform', `p${i}`, address]),
]
const known = []
const registering = ([role, name, wallet]) =>
  [role, 'add', '--name', name, '--email', `${name}@example.com`, '--wallet', wallet]
async function register(person) {
  strange.splice(strange.indexOf(person), 1)
  say(`${person[0]} ${person[1]} ${person[2]}`)
  await ours.must(...registering(person))
  known.push(person)
}
for (const name of ['p0', 'w0', 'w1', 'w2']) await register(strange.find((person) => person[1] === name))

// Programs under way. What ends unasked, or complains, is a failure.
const faults = []
const complaint = /(ERROR: \w+Sanitizer|runtime error:|Assertion .* failed)[^]*/
function watch(name, handle, codes) {
  const entry = { name, handle, ended: false, asked: null }
  handle.closed.then(({ code, signal, stderr }) => {
    entry.ended = true
    say(`${name} ended: ${code ?? signal}`)
    // A signal while the program does not listen yet, or any more, ends it too.
    const isAsked = entry.asked && (codes.includes(code) || signal)
    const isDone = name === 'backfill' && codes.includes(code)
    if (complaint.test(stderr)) faults.push(`${name}: ${complaint.exec(stderr)[0]}`)
    else if (!isAsked && !isDone) faults.push(`${name} ended with ${code ?? signal}:\n${stderr.slice(-3000)}`)
  })
  return entry
}
async function stop(entry, signal) {
  entry.asked = signal
  const { signal: by } = await entry.handle.stop(signal, 20_000)
  if (by === 'SIGKILL' && signal === 'SIGTERM') faults.push(`${entry.name} did not end in 20 s:\n${entry.handle.log().slice(-3000)}`)
}

const env = { GIGSTREAM_LOG_LEVEL: 'debug' }
const daemons = { ours: null, standby: null }
const places = { ours, standby }
const logs = []
function start(which) {
  const handle = places[which].start(['run'], env)
  daemons[which] = watch(`daemon ${which}`, handle, [0])
  logs.push(daemons[which])
}
const isUp = (which) => daemons[which] && !daemons[which].ended
let backfills = []

// Two nodes that disagree for a while: the proxy asks now one, now the other.
const main = { chain, actions, url: anvil.url }
let fork = null // { chain, actions, url, at, stop }
let top = await chain.head() // the highest head that anybody has shown
const look = async () => {
  for (const site of [main, fork]) if (site) top = Math.max(top, await site.chain.head())
}
const final = () => top - toFinal
const site = () => (fork && random.chance(0.5) ? fork : main)

async function split() {
  const other = await startAnvil({ slotsInAnEpoch })
  things.defer(other.stop)
  const its = await openChain(other.url)
  await its.call('anvil_loadState', await chain.call('anvil_dumpState'))
  fork = { chain: its, actions: openActions(its, contracts), url: other.url, at: await chain.head(), stop: other.stop }
}
async function join() {
  if (!fork) return
  proxy.target = main.url
  await fork.stop()
  fork = null
}
// The forks must part above what either calls final.
const room = () => (fork ? fork.at - final() : toFinal)

async function reorg() {
  if (fork) return
  await look()
  const most = Math.min(deepest, (await chain.head()) - final() - 1)
  if (most < 1) return
  const depth = random.between(1, most)
  say(`  depth ${depth}`)
  const later = await traffic.reorg(main, depth)
  await sleep(random.between(0, 250))
  if (random.chance(0.5)) await traffic.several(main)
  await traffic.again(main, later)
}

const weatherFor = (ms, name) => {
  const mine = (proxy.behave = weathers[name](random))
  say(`  ${name} for ${ms} ms`)
  setTimeout(() => proxy.behave === mine && (proxy.behave = null), ms).unref()
}

const script = {
  async transaction() {
    for (let i = random.between(1, 4); i > 0 && room() > 6; i--) await traffic.single(site())
  },
  async block() {
    if (room() > 6) await traffic.several(site())
  },
  async empty() {
    if (!fork) await chain.mine(random.between(1, 5))
  },
  async time() {
    await chain.warp(random.between(30, 900))
  },
  reorg,
  async reorgTwice() {
    await reorg()
    await sleep(random.between(0, 150))
    await reorg()
  },
  // The chain gets shorter, and grows again.
  async revert() {
    if (fork) return
    const snapshot = await chain.snapshot()
    for (let i = random.between(1, 4); i > 0; i--) await traffic.single(main)
    await look()
    const added = await traffic.lastOf(main, Math.max(0, Math.min(4, top - final() - 6)))
    await sleep(random.between(0, 300))
    await chain.revert(snapshot)
    await sleep(random.between(0, 300))
    if (random.chance(0.5)) await traffic.several(main)
    if (random.chance(0.5)) await traffic.again(main, added)
  },
  async split() {
    await (fork ? join() : split())
  },
  async flap() {
    for (let i = random.between(1, 5); fork && i > 0; i--) {
      proxy.target = proxy.target === fork.url ? main.url : fork.url
      await sleep(random.between(0, 400))
    }
  },
  // What happened on one of them happens on the other too, elsewhere.
  async cross() {
    if (fork && room() > 6) await traffic.again(fork, await traffic.lastOf(main, Math.min(4, (await chain.head()) - fork.at)))
  },
  async freeze() {
    const which = random.oneOf(['ours', 'standby'])
    if (!isUp(which)) return
    const { handle } = daemons[which]
    handle.signal('SIGSTOP')
    await sleep(steps > 100 && random.chance(0.2) ? 11_000 : random.between(100, 1500))
    handle.signal('SIGCONT')
  },
  async weather() {
    weatherFor(random.between(300, 3000), random.oneOf(Object.keys(weathers)))
  },
  async register() {
    if (strange.length) await register(random.oneOf(strange))
  },
  async stopDaemon() {
    if (isUp('ours')) await stop(daemons.ours, 'SIGTERM')
  },
  async killDaemon() {
    if (isUp('ours')) await stop(daemons.ours, 'SIGKILL')
  },
  async startDaemon() {
    if (!isUp('ours')) start('ours')
  },
  async standby() {
    if (!isUp('standby')) start('standby')
    else await stop(daemons.standby, random.oneOf(['SIGTERM', 'SIGKILL']))
  },
  async terminate() {
    const all = random.chance(0.5)
    await query(world.admin, `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = $1 and ($2 or random() < 0.5)`, [new URL(ours.database).pathname.slice(1), all])
  },
  async backfill() {
    const head = await chain.head()
    const from = random.between(0, head)
    const to = random.oneOf([random.between(from, head), 'latest'])
    const more = random.oneOf([[], [], ['--rescan'], ['--rescan'], ['--dry-run']])
    const args = ['backfill', '--from', String(from), '--to', String(to), ...more]
    say(`  ${args.slice(1).join(' ')}`)
      backfills.push(watch('backfill', ours.start(args, env), [0, 1, 2, 3, 4]))
  },
  async killBackfill() {
    const entry = backfills.pop()
    if (entry && !entry.ended) await stop(entry, random.oneOf(['SIGTERM', 'SIGKILL']))
  },
  async wait() {
    await sleep(random.between(50, 1000))
  },
}
const often = {
  transaction: 14, block: 6, empty: 4, time: 3, reorg: 5, reorgTwice: 2, revert: 2, split: 3, flap: 4, weather: 5,
  register: 3, stopDaemon: 1, killDaemon: 2, startDaemon: 5, standby: 1, terminate: 2, backfill: 3, killBackfill: 1, wait: 6,
  cross: 2, freeze: 0.5,
}

// Everything honest, final and done.
async function settle() {
  await join()
  proxy.behave = null
  await look()
  await chain.mine(Math.max(1, top - (await chain.head())) + toFinal + 1)
  await look()
  await script.startDaemon()
  await ours.caughtUp(chain, 60_000)
  const { number } = await chain.call('eth_getBlockByNumber', 'finalized', false)
  await until('the backfills to end', () => backfills.every(({ ended }) => ended), { deadlineMs: 60_000 })
  backfills = []
  await until('the work to be done', async () => {
    const { gaps, jobs, wallets, wallets_incomplete, finalized } = JSON.parse(await ours.must('status', '--json'))
    const submitted = await ours.sql(`select tx_hash from transactions where status = 'submitted' and block_number <= $1`, [Number(number)])
    const left = { gaps, jobs, wallets_incomplete, submitted, missing: known.length - wallets, final: Math.max(0, Number(number) - finalized) }
    if (Object.values(left).every((value) => value === 0 || value.length === 0)) return true
    throw new Error(JSON.stringify(left))
  }, { deadlineMs: 60_000, everyMs: 100 })
}

// What a database says that saw only this chain, and these people from the start.
async function fromScratch() {
  const scratch = await world.openDaemon(settings)
  for (const person of known) await scratch.must(...registering(person))
  const { code, stderr } = await scratch.run(['backfill', '--from', '0', '--to', 'latest'])
  assert.equal(code, 0, stderr)
  return tables(scratch.database)
}

// What a reorg took away for ever exists only where it was seen.
const standing = (all) => ({ ...all, transactions: all.transactions.filter((row) => row.block_number !== null) })

// The rows that only one of two databases has, as short as can be.
function differences(left, right) {
  const lines = []
  for (const name of Object.keys(left)) {
    const [ours, theirs] = [left[name], right[name]].map((rows) => rows.map((row) => JSON.stringify(row)))
    const [has, wanted] = [new Set(ours), new Set(theirs)]
    lines.push(...ours.filter((row) => !wanted.has(row)).map((row) => `+ ${name} ${row}`))
    lines.push(...theirs.filter((row) => !has.has(row)).map((row) => `- ${name} ${row}`))
  }
  return lines.join('\n')
}

async function compareStreams() {
  const rows = await ours.sql('select * from streams order by contract_stream_id')
  assert.equal(rows.length, await actions.streamCount())
  for (const row of rows) {
    const stream = await actions.stream(row.contract_stream_id)
    assert.equal(row.status, stream.status)
    assert.equal(usdc(row.total_amount_usdc), stream.totalAmount)
    assert.equal(usdc(row.released_amount_usdc), stream.releasedAmount)
    assert.equal(usdc(row.claimed_amount_usdc), stream.claimedAmount)
  }
}

async function compareBalances() {
  for (const [, name, wallet] of known) {
    const [{ sum }] = await ours.sql(
      `select coalesce(sum(case when to_wallet = w then amount else 0 end), 0)
            - coalesce(sum(case when from_wallet = w then amount else 0 end), 0) as sum
       from chain.transfers, (select chain.unhex($1) as w) x where not orphaned`, [wallet.toLowerCase()])
    assert.equal(BigInt(sum), await actions.balanceOf(wallet), name)
  }
}

// Every change of a status is told, and follows from the last.
async function compareHistories() {
  const broken = await ours.sql(`
    select t.tx_hash, t.status, h.* from transactions t left join lateral (
      select array_agg(x.to_status order by x.id) as told,
        bool_and(x.from_status is not distinct from x.before) as linked
      from (select x.*, lag(x.to_status) over (order by x.id) as before
        from chain.transitions x where x.subject = 'transaction' and x.row_id = t.id) x) h on true
    where h.linked is not true or h.told[cardinality(h.told)] is distinct from t.status::text`)
  assert.deepEqual(broken, [])
}

async function explain(error) {
  const tail = logs.slice(-2).map(({ name, handle }) => `--- ${name}\n${handle.log().slice(-6000)}`)
  const ready = isUp('ours') ? await daemons.ours.handle.get('/readyz').then(({ body }) => body, String) : 'down'
  const jobs = await ours.sql(`select id, kind, from_block, to_block, done_to, rescan, finished_at,
    (select array_agg(chain.hex(w)) from unnest(wallets) w) from chain.jobs order by id`).catch(String)
  const work = JSON.stringify(jobs, null, 1)
  error.message = [`GS_SEED=${seed}`, error.message, ...faults, ...said.slice(-80), ready, work, ...tail].join('\n')
  return error
}

async function round(number, most) {
  say(`round ${number}`)
  for (let i = 0; i < most; i++) {
    const name = random.weighted(often)
    say(name)
    await script[name]()
    await look()
    if (fork && room() <= 6) await join()
    assert.deepEqual(faults, [])
  }
  say('settle')
  await settle()
  assert.deepEqual(faults, [])
  assert.equal(differences(standing(await tables(ours.database)), await fromScratch()), '')
  assert.deepEqual(await wrongStatistics(ours.database), [])
  await compareStreams()
  await compareBalances()
  await compareHistories()
  const { code, stdout, stderr } = await ours.run(['backfill', '--from', '0', '--to', 'latest', '--dry-run', '--json'])
  assert.equal(code, 0, stdout + stderr)
}

start('ours')
test(`${steps} steps of seed ${seed}`, async () => {
  try {
    for (let number = 1, left = steps, some; left > 0; number++, left -= some) {
      some = Math.min(left, random.between(...stepsARound))
      await round(number, some)
    }
  } catch (error) {
    throw await explain(error)
  }
})

test('everything ends in order', async () => {
  for (const which of ['standby', 'ours']) if (isUp(which)) await stop(daemons[which], 'SIGTERM')
  assert.deepEqual(faults, [])
})
