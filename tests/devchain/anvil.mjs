// anvil: a real EVM node for development, from npm.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { end, hasEnded, launch, until } from './lifetime.mjs'

const anvil = join(
  dirname(createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json')),
  'bin/anvil',
)

export async function rpc(url, method, params = []) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { result, error } = await response.json()
  if (error) throw new Error(`${method}: ${error.message} (${error.code})`)
  return result
}

function options({ port = 0, blockTime, timestamp, slotsInAnEpoch = 1, chainId, args = [] }) {
  const list = ['--host', '127.0.0.1', '--port', port, '--accounts', 20, '--slots-in-an-epoch', slotsInAnEpoch]
  if (blockTime) list.push('--block-time', blockTime)
  if (timestamp) list.push('--timestamp', timestamp)
  if (chainId) list.push('--chain-id', chainId)
  return [...list, ...args].map(String)
}

// Starts a node and waits until it answers. Without blockTime (seconds) each
// transaction gets its block at once. `finalized` is two blocks behind the
// head; anvil's own default would be 64.
export async function startAnvil(wanted = {}) {
  const child = launch(anvil, options(wanted), { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const listen = (chunk) => (said = (said + chunk).slice(-8192))
  child.stdout.setEncoding('utf8').on('data', listen)
  child.stderr.setEncoding('utf8').on('data', listen)
  child.on('error', (error) => listen(error.message))
  const port = await until('anvil to listen', () => {
    if (hasEnded(child)) throw Object.assign(new Error(`anvil ended:\n${said}`), { final: true })
    return /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]
  })
  const url = `http://127.0.0.1:${port}`
  await until('anvil to answer', () => rpc(url, 'eth_chainId'))
  return {
    url,
    port: Number(port),
    pid: child.pid,
    ended: once(child, 'exit'),
    signal: (name) => child.kill(name),
    stop: () => end(child, { graceMs: 5000 }),
  }
}
