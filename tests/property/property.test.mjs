// Random scripts against the whole program: see play.mjs. Another seed each
// time, unless $GS_SEED names the first one; ./dev soak HOURS plays on.
import { test } from 'node:test'
import { play } from './play.mjs'

const first = Number(process.env.GS_SEED ?? 1 + Math.floor(Math.random() * 1e9))
const steps = Number(process.env.GS_STEPS ?? 120)

for (const seed of [first, first + 1, first + 2]) {
  test(`${steps} steps of seed ${seed}`, async (t) => {
    try {
      t.diagnostic(JSON.stringify(await play({ seed, steps })))
    } catch (error) {
      error.message += `\n${error.said.slice(-60).join('\n')}\n--- the daemon\n${error.log.slice(-6000)}`
      throw error
    }
  })
}
