// ./dev fuzz SECONDS [NAME]: runs every fuzz target, or those whose name matches,
// so long, two (GS_AT_ONCE) at a time. Prints a table; exit 1 where something was
// found.
//
// build/fuzz/seeds     what seeds.mjs makes
// build/fuzz/corpus    what they came upon, for the next run
// build/fuzz/findings  inputs that broke something, and build/fuzz/log what each said
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from '../devchain/compile.mjs'
import { launch, runMain } from '../devchain/lifetime.mjs'
import { markdown, say } from '../bench/figures.mjs'
import { build, folder, kept, makeSeeds, options, program, targets } from './targets.mjs'

const AT_ONCE = Number(process.env.GS_AT_ONCE ?? 2)
const REPORT_MS = 60_000

const count = (text) => Number(text).toLocaleString('en')

// What libFuzzer said of a run: its last line of progress, and its statistics.
function statistics(text) {
  const progress = [...text.matchAll(/^#(\d+)\t.*?cov: (\d+) ft: (\d+) corp: (\d+)\/.*?(?:exec\/s: (\d+))?/gm)].pop() ?? []
  const stat = (name) => Number(new RegExp(`stat::${name}:\\s+(\\d+)`).exec(text)?.[1] ?? NaN)
  return {
    runs: stat('number_of_executed_units') || Number(progress[1] ?? 0),
    covered: Number(progress[2] ?? 0), features: Number(progress[3] ?? 0), corpus: Number(progress[4] ?? 0),
  }
}

const findings = (name) => readdirSync(folder(build, 'findings')).filter((file) => file.startsWith(`${name}-`))

function fuzz(name, seconds) {
  const before = new Set(findings(name))
  const args = [
    ...options(name, seconds), '-print_final_stats=1', `-artifact_prefix=${folder(build, 'findings')}/${name}-`,
    folder(build, 'corpus', name), folder(build, 'seeds', name), ...[kept(name)].filter(existsSync),
  ]
  return new Promise((done) => {
    const begun = Date.now()
    const child = launch(program(name), args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (data) => { said += data })
    const reporter = setInterval(() => {
      const { runs, features, corpus } = statistics(said)
      say(`${name}: ${count(runs)} runs, ${count(features)} features, ${count(corpus)} inputs`)
    }, REPORT_MS)
    child.on('close', (status) => {
      clearInterval(reporter)
      writeFileSync(join(folder(build, 'log'), name), said)
      const found = findings(name).filter((file) => !before.has(file))
      for (const file of found)
        say(`${name}: FOUND, replay it by: ${relative(root, program(name))} build/fuzz/findings/${file}`)
      if (status !== 0) say(`${name}: ended with ${status}: see build/fuzz/log/${name}`)
      done({ name, status, found: found.length, seconds: (Date.now() - begun) / 1000, ...statistics(said) })
    })
  })
}

function row(result) {
  const { name, runs, seconds, covered, features, corpus, found } = result
  return [name, count(runs), count(Math.round(runs / seconds)), count(covered), count(features), count(corpus), found]
}

async function main([seconds, pattern]) {
  const names = targets(pattern)
  if (names.length === 0) {
    say(`no fuzz target is named like ${pattern}`)
    return 2
  }
  makeSeeds(join(build, 'seeds'))
  const left = [...names], results = []
  const worker = async () => {
    for (let name = left.shift(); name; name = left.shift()) {
      say(`${name}: begins (${names.length - left.length} of ${names.length})`)
      results.push(await fuzz(name, seconds))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  results.sort((a, b) => a.name < b.name ? -1 : 1)
  const total = (of) => results.reduce((sum, result) => sum + of(result), 0)
  console.log(markdown([['target', 'runs', 'runs/s', 'edges', 'features', 'corpus', 'findings'], ...results.map(row)]))
  console.log(`${count(total((one) => one.runs))} runs in ${(total((one) => one.seconds) / 3600).toFixed(2)} hours in all, ${total((one) => one.found)} findings`)
  return results.every((result) => result.status === 0) ? 0 : 1
}

runMain(() => main(process.argv.slice(2)))
