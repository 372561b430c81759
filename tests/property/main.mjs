// main.mjs [--seed N] [--steps N]            one script
// main.mjs --hours H [--steps N] [--seed N]   one after the other, seeds from N on
// A script that fails leaves its story in build/soak/SEED.log.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../devchain/compile.mjs'
import { runMain } from '../devchain/lifetime.mjs'
import { play } from './play.mjs'

const { values } = parseArgs({ options: { seed: { type: 'string' }, steps: { type: 'string' }, hours: { type: 'string' } } })
const number = (name, otherwise) => {
  const value = Number(values[name] ?? otherwise)
  if (!(value > 0)) throw new Error(`--${name} ${values[name]}: a number above 0`)
  return value
}
const steps = number('steps', 1000)
let seed = number('seed', 1 + Math.floor(Math.random() * 1e9))
const end = values.hours ? Date.now() + number('hours') * 3_600_000 : null

function keep(error) {
  const folder = join(root, 'build/soak')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${seed}.log`)
  writeFileSync(file, [error.stack, ...(error.said ?? []), '--- the daemon', error.log].join('\n'))
  return file
}

await runMain(async (_, interrupted) => {
  let failed = 0
  let played = 0
  let isInterrupted = false
  interrupted.then(() => (isInterrupted = true))
  do {
    const start = Date.now()
    try {
      const done = await play({ seed, steps, deadline: end ?? Infinity })
      console.log(`seed ${seed}: ${((Date.now() - start) / 1000).toFixed(1)} s, ${JSON.stringify(done)}`)
    } catch (error) {
      if (isInterrupted) break
      failed++
      console.log(`${error.message}\nits story: ${keep(error)}`)
    }
    played++
    if (end && Date.now() < end) console.log(`${played} scripts, ${failed} failed, ${((end - Date.now()) / 3_600_000).toFixed(2)} h left`)
    seed++
  } while (end && Date.now() < end && !isInterrupted)
  return failed ? 1 : 0
})
