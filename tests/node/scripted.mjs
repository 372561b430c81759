// The scripted node (tests/node/scripted.h) as a program of a test's.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { rpc } from '../devchain/anvil.mjs'
import { root } from '../devchain/compile.mjs'
import { end, hasEnded, launch, until } from '../devchain/lifetime.mjs'

// $SCRIPTED_NODE, or the one that was built beside $GIGSTREAMD.
export function binary() {
  if (process.env.SCRIPTED_NODE) return process.env.SCRIPTED_NODE
  const beside = process.env.GIGSTREAMD && join(dirname(process.env.GIGSTREAMD), 'tests/scripted-node')
  return beside && existsSync(beside) ? beside : join(root, 'build/release/tests/scripted-node')
}

// node.url: endpoints are named by what stands behind it, node.url + 'a'.
// node.mine({ blocks: 3 }), node.fork({ depth: 2 }), ...: the commands of
// scripted.h without their script_.
export async function startScripted({ seed = 1, port = 0, rules = {} } = {}) {
  const args = ['--seed', seed, '--port', port, '--rules', JSON.stringify(rules), '--until-eof'].map(String)
  const child = launch(binary(), args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (said += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk) => (complaint = (complaint + chunk).slice(-8192)))
  const url = await until('the scripted node to listen', () => {
    if (hasEnded(child)) throw Object.assign(new Error(`the scripted node ended:\n${complaint}`), { final: true })
    return /^(http:\S+)\n/.exec(said)?.[1]
  })
  const command = (name) => (params = {}) => rpc(url, `script_${name}`, [params])
  const names = ['mine', 'fork', 'switch', 'finalize', 'lie', 'honest', 'lag', 'stay', 'head', 'truth', 'cast', 'lies', 'counts']
  return {
    url,
    pid: child.pid,
    ...Object.fromEntries(names.map((name) => [name, command(name)])),
    rpc: (method, params) => rpc(url, method, params),
    stop: () => end(child, { graceMs: 5000 }),
  }
}
