// keep.mjs SECONDS [NAME]: renews tests/fuzz/corpus, which ./dev test replays: our
// own seeds, for what must hold, and of what each target finds in that time from
// these and from what is kept, the least that reaches all its edges. Run ./dev fuzz
// before, which builds the targets. An input named found-WHAT broke something once:
// it stays.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { say } from '../bench/figures.mjs'
import { build, folder, kept, makeSeeds, options, program, targets } from './targets.mjs'

const MOST_FILES = 200
const MOST_BYTES = 200_000
const MOST_SEED_BYTES = 64_000

function run(name, args) {
  const child = spawnSync(program(name), args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 })
  if (child.status !== 0) throw new Error(`${name}:\n${child.stderr.slice(-2000)}`)
}

const sizes = (path) => readdirSync(path).map((file) => ({ file, size: statSync(join(path, file)).size }))
  .sort((a, b) => a.size - b.size || (a.file < b.file ? -1 : 1))

// Copies as many as there is room for, the shortest first.
function copy(from, to, most) {
  for (const { file, size } of sizes(from)) {
    if (file.startsWith('found-') || most.files < 1 || size > most.bytes) continue
    copyFileSync(join(from, file), join(to, file))
    most.files--
    most.bytes -= size
  }
}

function replace(name, seeds, chosen) {
  const path = folder(kept(name))
  for (const file of readdirSync(path)) if (!file.startsWith('found-')) rmSync(join(path, file))
  copy(seeds, path, { files: MOST_FILES / 2, bytes: MOST_SEED_BYTES })
  const used = sizes(path)
  copy(chosen, path, { files: MOST_FILES - used.length, bytes: MOST_BYTES - used.reduce((sum, { size }) => sum + size, 0) })
  const all = sizes(path)
  say(`${name}: ${all.length} inputs, ${all.reduce((sum, { size }) => sum + size, 0)} bytes`)
}

const [seconds, pattern] = process.argv.slice(2)
const work = join(build, 'keep')
makeSeeds(join(work, 'seeds'), 'own')
for (const name of targets(pattern)) {
  const fresh = join(work, 'fresh', name), chosen = join(work, 'chosen', name)
  for (const path of [fresh, chosen]) rmSync(path, { recursive: true, force: true })
  const seeds = folder(work, 'seeds', name)
  const before = [seeds, kept(name)].filter(existsSync)
  run(name, [...options(name, seconds), `-artifact_prefix=${folder(build, 'findings')}/${name}-`, folder(fresh), ...before])
  run(name, ['-merge=1', '-use_counters=0', ...options(name, 0), folder(chosen), fresh, ...before])
  replace(name, seeds, chosen)
}
