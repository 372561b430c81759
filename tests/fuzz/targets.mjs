// The fuzz targets that are built, and how libFuzzer is to treat each.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../devchain/compile.mjs'

export const here = join(root, 'tests/fuzz')
export const build = join(root, 'build/fuzz')
const programs = join(build, 'tests/fuzz')

// Bytes of the longest input that is tried, where it is not the usual 4096.
const longest = { block: 16384, receipts: 16384, transactions: 16384, header: 8192, logs: 8192, reply: 16384, rpc: 8192 }
// Those that read what a node sends share a dictionary.
const fromNodes = ['block', 'header', 'logs', 'receipts', 'reply', 'rpc', 'transactions']

export const program = (name) => join(programs, `fuzz_${name}`)
export const kept = (name) => join(here, 'corpus', name)

export function targets(pattern = '') {
  return readdirSync(programs).filter((file) => file.startsWith('fuzz_')).map((file) => file.slice('fuzz_'.length))
    .filter((name) => new RegExp(pattern).test(name)).sort()
}

export function options(name, seconds) {
  const file = join(here, `${fromNodes.includes(name) ? 'node' : name}.dict`)
  return [
    `-max_total_time=${seconds}`, '-timeout=10', '-rss_limit_mb=1024', `-max_len=${longest[name] ?? 4096}`,
    ...existsSync(file) ? [`-dict=${file}`] : [],
  ]
}

export function folder(...names) {
  const path = join(...names)
  mkdirSync(path, { recursive: true })
  return path
}

// A new folder of seeds, of all or (`own`) without those from ../shared/corpora.
export function makeSeeds(path, which = 'all') {
  rmSync(path, { recursive: true, force: true })
  const made = spawnSync('node', [join(here, 'seeds.mjs'), path, which], { stdio: 'inherit' })
  if (made.status !== 0) throw new Error('seeds.mjs failed')
}
