// ./dev bench proof: how many of 1,000 lies each mode of chain.verify catches,
// and what each costs on a sparse and on a dense chain. The node is the scripted
// one (tests/node/), which counts requests and bytes. Prints tables in Markdown.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { gigstream } from '../devchain/gigstream.mjs'
import { root } from '../devchain/compile.mjs'
import { runMain, temporaryFolder } from '../devchain/lifetime.mjs'
import { startPostgres } from '../devchain/postgres.mjs'
import { startScripted } from '../node/scripted.mjs'
import { figures, markdown, say } from './figures.mjs'

const modes = ['receipts', 'bloom', 'off']
const lies = Number(process.env.GS_LIES ?? 1000)
const rounds = Number(process.env.GS_ROUNDS ?? 3)

// Of the wallets on these chains one in two is ours; transfers of others count
// for the bloom all the same.
const chains = {
  sparse: { blocks: 20_000, density: { empty: 300, busy: 5, transfers: 2, ours: 500, noise: 2, odd: 0, failed: 0, streams: 2 } },
  dense: { blocks: 2_000, density: { empty: 0, busy: 1000, transfers: 60, ours: 20, noise: 120, odd: 0, failed: 10, streams: 100 } },
}

function told(mode) {
  say(`${lies} lies, verify: ${mode}`)
  const { status, stdout, stderr } = spawnSync(join(root, 'build/release/tests/bench_lies'), [mode, String(lies)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return new Map(stdout.trim().split('\n').map((line) => {
    const [name, what, caught, harmless, missed] = line.split('\t')
    return [name, { what, caught: Number(caught), harmless: Number(harmless), missed: Number(missed) }]
  }))
}

function lieTable() {
  const results = new Map(modes.map((mode) => [mode, told(mode)]))
  const cell = (fate) => (fate ? `${fate.caught} / ${fate.harmless} / ${fate.missed}` : '')
  const sum = (mode, key) => [...results.get(mode).values()].reduce((all, fate) => all + fate[key], 0)
  const names = new Map(modes.flatMap((mode) => [...results.get(mode)].map(([name, { what }]) => [name, what])))
  return [
    ['the node says', ...modes],
    ...[...names].map(([name, what]) => [what, ...modes.map((mode) => cell(results.get(mode).get(name)))]),
    ['**all**', ...modes.map((mode) => `**${sum(mode, 'caught')} / ${sum(mode, 'harmless')} / ${sum(mode, 'missed')}**`)],
  ]
}

// One backfill of the whole chain into an empty database.
async function backfill(things, { cluster, folder, node, cast, mode, blocks, chain }) {
  const { url, drop } = await cluster.createDatabase(`proof_${chain}_${mode}_${Math.floor(performance.now())}`)
  const daemon = await gigstream(folder, {
    name: 'proof.yaml', rpc: `${node.url}${mode}`, database: url, usdc: cast.token, streaming: cast.streaming,
    more: { chain: { verify: mode }, log: { level: 'error' } },
  })
  await daemon.must('db', 'push')
  for (const [i, { address, role }] of cast.wallets.filter(({ role }) => role === 'worker' || role === 'platform').entries()) {
    await daemon.must(role, 'add', '--name', `w${i}`, '--email', `w${i}@example.com`, '--wallet', address)
  }
  await node.counts({ endpoint: mode, reset: true })
  const { code, stdout, stderr } = await daemon.run(['backfill', '--from', '0', '--to', 'latest', '--json'])
  if (code !== 0) throw new Error(stderr)
  const { requests, calls, bytes_out: bytes } = await node.counts({ endpoint: mode })
  const { seconds, logs } = JSON.parse(stdout)
  await drop()
  const per = (n) => (n * 1000) / blocks
  return { requests: per(requests), calls: per(calls), bytes: per(bytes), seconds: per(seconds), logs: per(logs) }
}

async function costTable(things) {
  const cluster = await startPostgres({ durable: true })
  things.defer(cluster.stop)
  const folder = temporaryFolder({ name: 'proof' })
  things.defer(folder.remove)
  const rows = [['1,000 blocks of a chain that is', 'verify', 'logs of ours', 'requests', 'calls', 'MB', 'seconds']]
  for (const [name, { blocks, density }] of Object.entries(chains)) {
    const node = await startScripted({ seed: 1, rules: { ours: 16, strangers: 64, density } })
    things.defer(node.stop)
    await node.mine({ blocks })
    const cast = await node.cast()
    const runs = Object.fromEntries(modes.map((mode) => [mode, []]))
    for (let round = 0; round < rounds; round++) {
      for (const mode of modes) {
        runs[mode].push(await backfill(things, { cluster, folder: folder.path, node, cast, mode, blocks, chain: name }))
        say(`${name} ${mode} ${JSON.stringify(runs[mode].at(-1))}`)
      }
    }
    for (const mode of modes) {
      const median = (key) => figures(runs[mode].map((run) => run[key])).median
      rows.push([name, mode, Math.round(median('logs')), Math.round(median('requests')), Math.round(median('calls')),
        (median('bytes') / 1e6).toFixed(2), median('seconds').toFixed(3)])
    }
    await node.stop()
  }
  return rows
}

async function main(things) {
  for (const table of [lieTable(), await costTable(things)]) process.stdout.write(`\n${markdown(table)}\n`)
  return 0
}

runMain(main)
