// The story that the demo plays, chapter by chapter.
import { playArc } from './story/arc.mjs'
import { batches } from './story/batches.mjs'
import { blacklist } from './story/blacklist.mjs'
import { intent } from './story/intents.mjs'
import { advance } from './story/loans.mjs'
import { lateWorker, payouts, registrations, reorg } from './story/payments.mjs'
import { score } from './story/scores.mjs'
import * as streams from './story/streams.mjs'

// The chain starts so many seconds ago, and has caught up with us at the end.
export const duration = streams.duration + 60

// Adds to the world the stream that goes on, and the world of the chain like Arc.
export async function play(things, world) {
  await registrations(world)
  await payouts(world)
  await streams.streamToItsEnd(world)
  world.openStream = await streams.cancelledStreams(world)
  await lateWorker(world)
  await intent(world)
  await batches(world)
  await advance(world)
  await score(world)
  await blacklist(world)
  await reorg(world)
  world.arc = await playArc(things, world)
}
