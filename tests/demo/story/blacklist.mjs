// The token's blacklist: who is on it cannot be paid.
import { act, chapter } from '../screen.mjs'

export async function blacklist(world) {
  const { bilal } = world.cast
  const { actions, rows, openStream } = world
  chapter("A worker on the token's blacklist")
  act('The token', `blacklists ${bilal.name}: the stream that owes him is marked, no more`)
  await actions.blacklist(bilal.address)
  await rows.blocked(openStream, `${bilal.address.toLowerCase()} is blacklisted by the token`)
  act('The token', 'takes him off the list again: the mark goes')
  await actions.unBlacklist(bilal.address)
  await rows.blocked(openStream, null)
}
