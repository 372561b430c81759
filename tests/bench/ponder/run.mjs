// Ponder over the bench's chain: a process that is there until it is ended.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end, freePort, hasEnded, launch, until } from '../../devchain/lifetime.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const program = join(here, 'node_modules/ponder/dist/esm/bin/ponder.js')

export const { ponder: version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies

// Into the schema `ponder` of that database, up to block `to`.
export async function preparePonder({ rpc, database, cast, to }) {
  const port = await freePort()
  const args = ['start', '--root', here, '--schema', 'ponder', '--port', port, '--hostname', '127.0.0.1', '--log-level', 'warn']
  const env = {
    ...process.env, DATABASE_URL: database, PONDER_TELEMETRY_DISABLED: '1',
    BENCH_RPC: rpc, BENCH_TO: to, BENCH_TOKEN: cast.token, BENCH_STREAMING: cast.streaming,
  }
  let child
  let said = ''
  const isReady = async () => {
    if (hasEnded(child)) throw Object.assign(new Error(`Ponder ended:\n${said}`), { final: true })
    return (await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(60_000) })).status === 200
  }
  return {
    start: () => {
      child = launch(process.execPath, [program, ...args].map(String), { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk) => (said = (said + chunk).slice(-8192)))
      }
      return child
    },
    // It has indexed all there is; it would follow the chain from here on.
    ready: () => until('Ponder to be ready', isReady, { deadlineMs: 3_600_000, everyMs: 100 }),
    stop: () => end(child),
  }
}
