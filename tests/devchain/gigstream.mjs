// gigstreamd as a user has it: a configuration file, commands, a daemon.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './compile.mjs'
import { end, freePort, hasEnded, launch, until } from './lifetime.mjs'

export const binary = () => process.env.GIGSTREAMD ?? join(root, 'build/release/gigstreamd')

// Block style throughout; a JSON string is a YAML string (YAML 1.2, 1.3).
function yaml(value, indent = '') {
  const inner = `${indent}  `
  const entry = ([key, v]) =>
    typeof v === 'object' ? `${indent}${key}:\n${yaml(v, inner)}` : `${indent}${key}: ${JSON.stringify(v)}\n`
  const item = (v) =>
    typeof v === 'object' ? `${indent}- ${yaml(v, inner).trimStart()}` : `${indent}- ${JSON.stringify(v)}\n`
  return Array.isArray(value) ? value.map(item).join('') : Object.entries(value).map(entry).join('')
}

// The sections of the file; `more` overrides key by key within a section. A
// profile stands for the chain's id and its token.
export function settings({
  profile, chainId = 31337, rpc, database, usdc, streaming, loans, reputation, startBlock = 0, http, more = {},
}) {
  const contract = (address, abi) => [{ address, abi, start_block: startBlock }]
  const whole = {
    chain: {
      ...(profile ? { profile } : { id: chainId }),
      rpc: [].concat(rpc).map((url, i) => ({ name: `node${i + 1}`, url })),
      start_block: startBlock,
      confirmations: 'finalized',
      verify: 'receipts',
    },
    contracts: {
      ...(!profile && { usdc: { address: usdc, decimals: 6 } }),
      streaming: contract(streaming, 'PaymentStreaming'),
      ...(loans && { loans: contract(loans, 'MicroLoan') }),
      ...(reputation && { reputation: contract(reputation, 'ReputationLedger') }),
    },
    database: { url: database },
    http: { listen: http },
    log: { level: 'info', format: 'text' },
  }
  for (const [section, keys] of Object.entries(more)) {
    const plain = typeof keys !== 'object' || Array.isArray(keys)
    whole[section] = plain ? keys : { ...whole[section], ...keys }
  }
  return whole
}

// Collects what a child says; keeps the end of it.
function collect(stream) {
  const said = { text: '' }
  stream.setEncoding('utf8').on('data', (chunk) => (said.text = (said.text + chunk).slice(-4_000_000)))
  return said
}

function watch(child, url) {
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const closed = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout: stdout.text, stderr: stderr.text }))
  const guard = () => {
    if (!hasEnded(child)) return
    throw Object.assign(new Error(`gigstreamd ended (${child.exitCode ?? child.signalCode}):\n${stderr.text}`), { final: true })
  }
  const get = async (path) => {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(5000) })
    return { status: response.status, body: await response.text() }
  }
  return {
    pid: child.pid,
    url,
    closed,
    get,
    log: () => stderr.text,
    logged: (pattern, deadlineMs) =>
      until(`the log line ${pattern}`, () => pattern.test(stderr.text) || guard(), { deadlineMs }),
    ready: (deadlineMs) =>
      until('/readyz to say 200', async () => {
        guard()
        const { status, body } = await get('/readyz')
        if (status !== 200) throw new Error(body)
        return true
      }, { deadlineMs }),
    stderr: child.stderr,
    signal: (name) => child.kill(name),
    stop: async (signal = 'SIGTERM', graceMs = 10_000) => {
      await end(child, { signal, graceMs })
      return closed
    },
  }
}

// What the daemon's role is enough for; the register and the schema need more.
const asDaemon = ['run', 'backfill', 'status', 'reorg', 'audit', 'rebuild', 'quarantine']

// Writes the file into `folder`; the daemon's HTTP port is chosen here.
// `daemonDatabase`: the database's address for those commands, where it is
// another than `database`.
export async function gigstream(folder, { name = 'gigstreamd.yaml', ...options }) {
  const http = options.http ?? `127.0.0.1:${await freePort()}`
  const config = join(folder, name)
  writeFileSync(config, yaml(settings({ ...options, http })), { mode: 0o600 })
  const url = `http://${http}`
  const start = (args, env = {}) => {
    const login = asDaemon.includes(args[0]) && options.daemonDatabase
    const child = launch(binary(), [...args, '--config', config], {
      env: { ...process.env, ...(login && { GIGSTREAM_DATABASE_URL: login }), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return watch(child, url)
  }
  return {
    config,
    url,
    // The daemon, or a long command, as a handle that can be watched and ended.
    start: (args = ['run'], env) => start(args, env),
    // A command to its end: { code, signal, stdout, stderr }.
    run: (args, env) => start(args, env).closed,
    // A command that has to succeed; returns what it prints.
    must: async (...args) => {
      const { code, stdout, stderr } = await start(args).closed
      if (code !== 0) throw new Error(`gigstreamd ${args.join(' ')} exited with ${code}:\n${stderr}`)
      return stdout
    },
  }
}
