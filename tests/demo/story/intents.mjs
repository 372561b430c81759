// A payment that an application says it will make, before the chain has it.
import { query } from '../../devchain/postgres.mjs'
import { act, chapter, quote, say } from '../screen.mjs'
import { whole } from './steps.mjs'

// What applications log in as.
function asApplication(url) {
  const login = new URL(url)
  login.searchParams.set('options', '-c role=gigstream_api')
  return login.href
}

export async function intent(world) {
  const { acme, ada } = world.cast
  const { actions, chain, rows, database } = world
  chapter('A payment that was intended')
  act(acme.name, 'says what it is going to pay, before the chain knows of it')
  const sql = `insert into transactions
  (type, amount_usdc, from_wallet, to_wallet, chain_id, metadata)
values ('payout', 12.5,
  lower('${acme.address}'),
  lower('${ada.address}'),
  ${chain.id}, '{"order": 7}')
returning id`
  quote(sql)
  const [{ id }] = await query(asApplication(database.url), sql)
  await rows.intended(id, 'pending', null)
  act(acme.name, 'pays: the transfer is found, and is that row')
  const { transactionHash } = await actions.transfer(acme, ada.address, whole(12.5))
  await rows.payment(transactionHash, 'payout')
  await rows.intended(id, 'submitted', transactionHash)
  act('The chain', 'goes on')
  await chain.mine(3)
  await rows.intended(id, 'confirmed', transactionHash)
  const kept = await rows.query(
    'select id, metadata from transactions where tx_hash = $1::text', [transactionHash])
  if (kept.length !== 1) throw new Error(`${kept.length} rows of ${transactionHash}, not 1`)
  say('\n  It is one row, of the same id, with what the application said of it:')
  quote(`${kept[0].id}  ${JSON.stringify(kept[0].metadata)}`)
}
