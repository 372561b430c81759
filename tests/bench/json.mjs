// ./dev bench json: how fast the reply of eth_getLogs is read, by each engine that
// Debian has and by ours. The reply is the scripted node's, of 20,000 logs. Prints
// a table in Markdown.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../devchain/compile.mjs'
import { runMain, temporaryFolder } from '../devchain/lifetime.mjs'
import { startScripted } from '../node/scripted.mjs'
import { markdown, say } from './figures.mjs'

const does = {
  jansson: 'a tree of the whole; nothing is read from it',
  yajl: 'callbacks that do nothing, in pieces of 16 KB',
  simdjson: 'on demand: the strings of three fields are passed over, of a whole that is held',
  index: 'chain/json.h: the index of the whole; nothing is read from it',
  logs: 'chain/reply.h: every log, all fields decoded and kept, in pieces of 16 KB',
}

async function record(things, file) {
  const density = { empty: 0, busy: 1000, transfers: 98, batch: 1, ours: 20, noise: 0, odd: 0, failed: 0, streams: 700 }
  const node = await startScripted({ seed: 1, rules: { ours: 1024, strangers: 4096, density } })
  things.defer(node.stop)
  await node.mine({ blocks: 200 })
  const { token } = await node.cast()
  const result = await node.rpc('eth_getLogs', [{ fromBlock: '0x0', toBlock: '0xc8', address: token }])
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result })
  writeFileSync(file, text)
  say(`a reply of ${(text.length / 1e6).toFixed(1)} MB, ${result.length} logs`)
}

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

runMain(async (things) => {
  const folder = temporaryFolder({ name: 'json' })
  things.defer(folder.remove)
  const file = join(folder.path, 'reply.json'), simdjson = join(folder.path, 'simdjson')
  await record(things, file)
  run('c++', '-O2', '-std=c++17', join(root, 'tests/bench/json_simdjson.cpp'), '-lsimdjson', '-o', simdjson)
  const lines = [run(join(root, 'build/release/tests/bench_json'), file), run(simdjson, file)].join('\n').split('\n')
  const rows = lines.map((line) => line.split('\t')).sort(([a], [b]) => Object.keys(does).indexOf(a) - Object.keys(does).indexOf(b))
  console.log(markdown([
    ['engine', 'MB/s', 'logs/s', 'what it does'],
    ...rows.map(([name, rate, logs]) => [name, Number(rate).toLocaleString('en'), Number(logs).toLocaleString('en'), does[name]]),
  ]))
  return 0
})
