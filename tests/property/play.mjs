// One random script, from a seed: blocks, reorgs, lies, restarts, lost
// connections; after each settling the tables must hold what model.mjs says.
import assert from 'node:assert/strict'
import { randomFrom } from '../e2e/lib/random.mjs'
import { nothing, rebuild } from '../e2e/lib/scratch.mjs'
import { scope } from '../devchain/lifetime.mjs'
import { expected } from './model.mjs'
import { openApplication, wrongIntents } from './intents.mjs'
import { stored, uncovered } from './stored.mjs'
import { openWorld } from './world.mjs'

const deepest = 12 // of a reorg; what is final stays behind that
const stepsARound = [5, 40]

// Lies that can be told from the truth. What cannot, by one endpoint alone, is
// left out: another branch's blocks below what is final, logs that are missing
// where a history is read by topics. Only a quorum sees that a head is called
// final too early, by one of its endpoints.
const aboutBlocks = [
  'other_block', 'other_hash', 'other_parent', 'other_time', 'stale_head', 'final_null', 'final_error', 'behind',
  'transaction_missing', 'transaction_twice', 'transaction_changed', 'transactions_other',
]
const aboutReceipts = [
  'receipt_missing', 'receipt_twice', 'receipt_failed', 'receipts_swapped', 'receipts_other', 'bloom_changed',
  'log_missing', 'logs_missing', 'log_changed',
]
const ofText = [
  'null', 'empty_array', 'empty_object', 'number', 'boolean', 'word', 'long_text', 'deep', 'nothing_said',
  'plain_numbers', 'field_renamed', 'field_null', 'not_hex', 'short_hex', 'unknown_method', 'pruned',
]
const ofAny = [
  'internal', 'not_found', 'rate', 'rate_429', 'id_wrong', 'id_null', 'entry_missing', 'entry_twice',
  'entries_reversed', 'entries_none', 'object_for_batch', 'busy', 'busy_for', 'busy_until', 'broken', 'bad_gateway',
  'unavailable', 'forbidden', 'garbage', 'web_page', 'empty_body', 'cut', 'hang_up', 'slow', 'late', 'chunked',
]
const shown = ['eth_getBlockByNumber', 'eth_getBlockByHash', 'eth_getBlockReceipts']

function drawLie(random) {
  const kind = random.weighted({ blocks: 3, receipts: 3, text: 2, any: 3, limits: 1 })
  if (kind === 'blocks') return { lie: random.oneOf(aboutBlocks) }
  if (kind === 'receipts') return { lie: random.oneOf(aboutReceipts), method: 'eth_getBlockReceipts' }
  if (kind === 'text') return { lie: random.oneOf(ofText), method: random.oneOf(shown) }
  if (kind === 'any') return { lie: random.oneOf(ofAny) }
  return random.oneOf([{ lie: 'batch_cap', size: random.between(1, 40) }, { lie: 'range_cap', size: random.between(1, 50) },
    { lie: 'result_cap', size: random.between(3, 50) }, { lie: 'range_hint', size: random.between(2, 50) }])
}

const drawDensity = (random) => ({
  empty: random.oneOf([0, 100, 600]), busy: random.oneOf([300, 800]), transfers: random.between(1, 8),
  batch: random.between(1, 3), ours: random.oneOf([300, 700]), streams: random.oneOf([200, 600, 1500]), odd: 20,
  noise: random.between(0, 4),
})

function openScript(world, random, { endpoints, quorum, say }) {
  const { node, run } = world
  const application = openApplication(world, random)
  const head = () => node.head()
  const someone = () => random.oneOf(endpoints)
  const carry = () => random.oneOf([0, 500, 1000])
  // Heads that were forked away, and the last block that each has in common with
  // the chain (or one below).
  let forked = []
  const part = (at) => forked.forEach((branch) => (branch.common = Math.min(branch.common, at)))
  // The deepest reorg that leaves alone what is final.
  const room = async () => {
    const { number, finalized } = await head()
    return Math.min(deepest, number - (finalized ?? 0))
  }
  const script = {
    async mine() {
      await node.mine({ blocks: random.between(1, 4), density: drawDensity(random) })
    },
    async reorg() {
      const most = await room()
      if (most < 1) return
      const depth = random.between(1, most)
      const { hash, number } = await head()
      forked.push({ hash, common: number })
      part(number - depth)
      say(`  depth ${depth}`)
      const blocks = random.weighted({ more: 4, same: 1, fewer: 1 })
      const n = { more: depth + random.between(1, 3), same: depth, fewer: Math.max(1, depth - 1) }[blocks]
      await node.fork({ depth, blocks: n, carry: carry(), density: drawDensity(random) })
    },
    async reorgTwice() {
      await script.reorg()
      if (random.chance(0.5)) await script.breathe()
      await script.reorg()
    },
    // Back to a branch that was given up, if that touches nothing final.
    async back() {
      const { hash, number, finalized } = await head()
      forked = forked.filter(({ common }) => common >= (finalized ?? 0))
      const branch = forked.pop()
      if (!branch) return
      forked.push({ hash, common: number })
      part(branch.common)
      say(`  to ${branch.hash}, from ${branch.common} on`)
      await node.switch({ hash: branch.hash, carry: carry() })
      await node.mine({ blocks: random.between(1, 2) })
    },
    async finalize() {
      const { number, finalized } = await head()
      const least = Math.max(finalized ?? 0, number - deepest)
      // Who is asked for blocks must not contradict what another calls final.
      for (const endpoint of endpoints) await node.stay({ endpoint })
      await node.finalize({ number: random.between(least, Math.max(least, number - 3)) })
    },
    async lie() {
      const lie = { ...drawLie(random), endpoint: someone(), chance: random.oneOf([100, 300, 1000]) }
      lie.count = random.oneOf([1, 3, 10, 30])
      say(`  ${JSON.stringify(lie)}`)
      run.lied = true
      await node.lie(lie)
    },
    async finalAhead() {
      if (quorum > 1) await node.lie({ lie: 'final_ahead', endpoint: endpoints[0], chance: 500, count: 30 })
    },
    async honest() {
      await node.honest({ endpoint: someone() })
    },
    async lag() {
      await node.lag({ endpoint: someone(), blocks: random.between(0, 4) })
    },
    async stay() {
      const { hash } = await head()
      await node.stay({ endpoint: someone(), hash })
    },
    async down() {
      await node.lie({ endpoint: someone(), lie: 'hang_up', count: random.oneOf([5, 20, 60]) })
    },
    async kill() {
      if (run.up) await world.stop('SIGKILL')
    },
    async stop() {
      if (run.up) await world.stop('SIGTERM')
    },
    async start() {
      if (!run.up) world.start()
    },
    async terminate() {
      await world.admin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and ($2 or random() < 0.5)`,
        [world.database, random.chance(0.5)])
    },
    async register() {
      if (world.strange.length) await world.register(random.oneOf(world.strange))
    },
    intend: application.intend,
    attach: application.attach,
    cancel: application.cancel,
    // Lets the daemon ask something, if it does.
    async breathe() {
      const asked = async () => {
        let sum = 0
        for (const endpoint of endpoints) sum += (await node.counts({ endpoint })).requests
        return sum
      }
      const enough = (await asked()) + random.between(1, 6)
      const deadline = Date.now() + 400
      await world.until('the daemon to ask', async () => !run.up || Date.now() > deadline || (await asked()) >= enough, { everyMs: 5 })
    },
  }
  return script
}

const often = {
  mine: 14, breathe: 14, reorg: 6, reorgTwice: 1, back: 2, finalize: 3, lie: 8, finalAhead: 1, honest: 2, lag: 2, stay: 1, down: 1,
  kill: 1, stop: 0.5, start: 4, terminate: 1.5, register: 1, intend: 6, attach: 2, cancel: 0.5,
}

// All lies off: until everything up to the head is committed and looked after.
async function settle(world, script) {
  const { node, sql, run } = world
  await node.honest()
  await script.mine()
  await script.finalize()
  const { number, hash, finalized } = await node.head()
  await world.until(`block ${number} to be indexed`, async () => {
    world.check()
    await script.start() // what it was told before may yet have ended it
    if (/ error halted: /.test(run.handle.log())) throw Object.assign(new Error('the daemon halted'), { final: true })
    const [tip] = await sql('select number::int, chain.hex(hash) as hash from chain.blocks order by number desc limit 1')
    return tip?.number === number && tip.hash === hash
  }, { deadlineMs: 60_000, everyMs: 20 })
  run.lied = false
  await world.until('the work to be done', async () => {
    world.check()
    const status = JSON.parse((await run.handle.get('/status')).body)
    const [{ submitted, intents }] = await sql(`select count(*)::int as submitted,
        (select count(*)::int from chain.intents where is_new) as intents
      from transactions where status = 'submitted' and block_number <= $1`, [finalized])
    const left = {
      gaps: status.gaps?.length ?? 1, jobs: status.jobs?.length ?? 1, incomplete: status.wallets_incomplete, submitted,
      intents,
      unwatched: world.people.size - status.wallets, finality: finalized - status.finalized, behind: number - status.indexed,
    }
    if (Object.values(left).every((value) => value === 0)) return true
    throw new Error(JSON.stringify(left))
  }, { deadlineMs: 60_000, everyMs: 50 })
  return { number, hash, finalized }
}

const lines = (rows) => rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row, Object.keys(row).sort())))

// The rows that only one side has, as short as can be.
function differences(wanted, found) {
  const said = []
  for (const name of Object.keys(wanted)) {
    const [theirs, ours] = [lines(wanted[name]), lines(found[name])]
    const [all, has] = [new Set(theirs), new Set(ours)]
    said.push(...theirs.filter((row) => !has.has(row)).map((row) => `missing  ${name} ${row}`))
    said.push(...ours.filter((row) => !all.has(row)).map((row) => `too much ${name} ${row}`))
    if (has.size !== ours.length) said.push(`${name} holds rows twice`)
  }
  return said
}

export async function compare(world, { number, finalized }) {
  const { blocks } = await world.node.truth({ from: 0, to: number })
  const { people, contract } = world
  const wanted = expected({ blocks, people, feeWallets: [world.feeWallet], contract, final: finalized })
  const found = await stored(world.url)
  // What a reorg took away, or is yet to come, stands in no block, and is not
  // confirmed.
  const gone = found.transactions.filter((row) => row.block === null)
  found.transactions = found.transactions.filter((row) => row.block !== null)
  const wrong = differences(wanted, found)
  wrong.push(...gone.filter(({ status }) => status === 'confirmed').map((row) => `gone, but ${JSON.stringify(row)}`))
  wrong.push(...(await wrongIntents(world)))
  for (const source of [world.token, contract]) {
    const missing = await uncovered(world.url, source, number)
    if (missing !== '{}') wrong.push(`${source} is not covered: ${missing}`)
  }
  assert.equal(wrong.slice(0, 40).join('\n'), '', `${wrong.length} differences`)
  const [{ met }] = await world.sql(`select count(*)::int as met from chain.intents n
    join transactions t on t.id = n.id and t.block_number is not null`)
  const sizes = Object.entries(wanted).map(([name, rows]) => [name, rows.length])
  return { ...Object.fromEntries(sizes), intents: world.intents.size, met }
}

export const replay = (seed, steps) => `node tests/property/main.mjs --seed ${seed} --steps ${steps}`

// Plays it; throws what went wrong, with what led there. until: a moment (ms)
// after which no round begins. Returns what was done.
export async function play({ seed, steps, deadline = Infinity }) {
  const random = randomFrom(seed)
  const things = scope()
  const said = []
  const say = (text) => said.push(`${new Date().toISOString().slice(14, 23)} ${text}`)
  let world
  let done = { steps: 0, rounds: 0 }
  try {
    const endpoints = ['a', 'b', 'c'].slice(0, random.between(1, 3))
    const quorum = random.oneOf([1, Math.min(2, endpoints.length), endpoints.length])
    say(`${endpoints.length} endpoints, a quorum of ${quorum}`)
    world = await openWorld(things, { seed, endpoints, more: { chain: { quorum } } })
    const script = openScript(world, random, { endpoints, quorum, say })
    for (let i = 0; i < 4; i++) await world.register(random.oneOf(world.strange))
    await world.node.mine({ blocks: random.between(1, 60) })
    while (done.steps < steps && Date.now() < deadline) {
      const most = Math.min(steps - done.steps, random.between(...stepsARound))
      for (let i = 0; i < most; i++) {
        const name = random.weighted(often)
        say(name)
        await script[name]()
        world.check()
      }
      say('settle')
      const sizes = await compare(world, await settle(world, script))
      assert.deepEqual(await rebuild(world.daemon), nothing)
      done = { steps: done.steps + most, rounds: done.rounds + 1, ...sizes }
    }
    if (world.run.up) await world.stop('SIGTERM')
    world.check()
    return done
  } catch (error) {
    const log = world?.log().slice(-200_000) ?? ''
    throw Object.assign(error, { message: `seed ${seed}: ${error.message}\nto replay: ${replay(seed, steps)}`, said, log })
  } finally {
    await things.close()
  }
}
