// The token: as Circle's is on most chains, and as it is on Arc, whose own money
// is USDC and which logs each movement by itself first, in 18 decimals.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arc } from '../devchain/deploy.mjs'
import { word } from '../devchain/logs.mjs'
import { openStage } from './lib/stage.mjs'

const scaled = (amount) => BigInt(amount) * 10n ** 12n

// What is logged for a movement of 5 from a to b before the token says so.
const chains = {
  'a usual chain': { moved: () => '', listed: () => '' },
  'Arc since Zero5': {
    logsLike: 'zero5',
    moved: (a, b) => (a === b ? '' : `system:Transfer(${a},${b},${scaled(5)}) `),
    listed: (name) => `control:${name}(W) `,
  },
  'Arc before Zero5': {
    logsLike: 'legacy',
    moved: (a, b) => {
      if (a === '0') return `authority:NativeCoinMinted(${b},${scaled(5)}) `
      if (b === '0') return `authority:NativeCoinBurned(${a},${scaled(5)}) `
      return `authority:NativeCoinTransferred(${a},${b},${scaled(5)}) `
    },
    listed: (name) => `control:${name}(W) `,
  },
}

for (const [title, { logsLike, moved, listed }] of Object.entries(chains)) {
  const stage = await openStage({ logsLike })
  const { chain, contracts, actions, owner, platform, worker, batch, logs, logsTogether, refused } = stage
  const { usdc, streaming } = contracts
  const { call } = actions

  test(`${title}: transfers`, async () => {
    assert.equal(logs(await actions.transfer(platform, worker.address, 5n)), `${moved('P', 'W')}Transfer(P,W,5)`)
    assert.equal(logs(await actions.transfer(platform, worker.address, 0n)), 'Transfer(P,W,0)')
    assert.equal(logs(await actions.transfer(platform, platform.address, 5n)), `${moved('P', 'P')}Transfer(P,P,5)`)
    assert.equal(await actions.balanceOf(worker.address), 5n)
    await refused(actions.transfer(worker, platform.address, 6n), 'BalanceTooLow')
  })

  test(`${title}: mint and burn`, async () => {
    assert.equal(logs(await actions.mint(worker.address, 5n)), `${moved('0', 'W')}Mint(O,W,5) Transfer(0,W,5)`)
    assert.equal(logs(await actions.burn(worker, 5n)), `${moved('W', '0')}Burn(W,5) Transfer(W,0,5)`)
    await refused(actions.mint(worker.address, 2n ** 256n - 1n), 'Panic') // overflows the supply
    await refused(chain.send(platform, call(usdc, 'mint', platform.address, 5n)), 'NotMinter')
  })

  test(`${title}: allowances move nothing`, async () => {
    assert.equal(logs(await actions.approve(platform, 7n)), 'Approval(P,S,7)')
    assert.equal(logs(await actions.increaseAllowance(platform, streaming.address, 3n)), 'Approval(P,S,10)')
    await actions.approve(platform)
  })

  test(`${title}: what the payer signed, another brings`, async () => {
    const relay = (value, nonce = word(1n)) => actions.transferByRelay(owner, platform, worker.address, value, nonce)
    assert.equal(logs(await relay(5n)), `AuthorizationUsed(P,${word(1n)}) ${moved('P', 'W')}Transfer(P,W,5)`)
    await refused(relay(5n), 'AuthorizationInvalid') // once only
    const forger = { ...worker, address: platform.address }
    await refused(actions.transferByRelay(owner, forger, worker.address, 5n, word(2n)), 'AuthorizationInvalid')
    await relay(5n, word(2n))
  })

  test(`${title}: who is blacklisted neither pays nor is paid`, async () => {
    assert.equal(logs(await actions.blacklist(worker.address)), `${listed('Blocklisted')}Blacklisted(W)`)
    await refused(actions.transfer(platform, worker.address, 5n), 'IsBlacklisted')
    await refused(actions.transfer(worker, platform.address, 5n), 'IsBlacklisted')
    await refused(actions.mint(worker.address, 5n), 'IsBlacklisted')
    assert.equal(logs(await actions.unBlacklist(worker.address)), `${listed('UnBlocklisted')}UnBlacklisted(W)`)
    await actions.transfer(platform, worker.address, 5n)
  })

  test(`${title}: a pause stops the token; an upgrade is only told`, async () => {
    assert.equal(logs(await actions.pauseAll(usdc)), 'Pause()')
    await refused(actions.transfer(platform, worker.address, 5n), 'IsPaused')
    assert.equal(logs(await actions.unpauseAll(usdc)), 'Unpause()')
    assert.equal(logs(await actions.upgrade(streaming.address)), 'Upgraded(S)')
    await actions.transfer(platform, worker.address, 5n)
  })

  test(`${title}: a stream's money`, async () => {
    const make = { worker: worker.address, amount: 5n, duration: 3600n, interval: 60n }
    const receipt = await actions.createStream(platform, make)
    const { id } = receipt
    assert.equal(logs(receipt), `${moved('P', 'S')}Transfer(P,S,5) StreamCreated(${id},W,P,5,3600,60)`)
    assert.equal(logs(await actions.cancel(platform, id)), `${moved('S', 'P')}Transfer(S,P,5) StreamCancelled(${id},P,5)`)
    await actions.mint(batch.address, 10n)
    const pay = call(usdc, 'transfer', worker.address, 5n)
    assert.equal(await logsTogether(pay, pay), `${moved('B', 'W')}Transfer(B,W,5) ${moved('B', 'W')}Transfer(B,W,5)`)
  })

  if (!logsLike) continue

  test(`${title}: what is sent without the token, the chain alone tells`, async () => {
    assert.equal(usdc.address, arc.usdc)
    const [before, after] = [await actions.balanceOf(worker.address), scaled(5)]
    assert.equal(logs(await actions.sendNative(platform, worker.address, after)), moved('P', 'W').trim())
    assert.equal(await actions.balanceOf(worker.address), before + 5n)
    assert.equal(logs(await actions.sendNative(platform, platform.address, after)), moved('P', 'P').trim())
    assert.equal(logs(await actions.sendNative(platform, worker.address, 0n)), '')
  })

  test(`${title}: a balance leaves out what is below 10^-6`, async () => {
    const [payer, payee] = [await actions.balanceOf(platform.address), await actions.balanceOf(worker.address)]
    const half = scaled(1) / 2n
    const sent = moved('P', 'W').trim().replace(`${scaled(5)}`, `${half}`)
    assert.equal(logs(await actions.sendNative(platform, worker.address, half)), sent)
    assert.equal(await actions.balanceOf(platform.address), payer - 1n)
    assert.equal(await actions.balanceOf(worker.address), payee)
    await actions.sendNative(platform, worker.address, half)
    assert.equal(await actions.balanceOf(platform.address), payer - 1n)
    assert.equal(await actions.balanceOf(worker.address), payee + 1n)
    await refused(actions.sendNative(worker, platform.address, scaled(payee + 1n) + 1n), 'Panic')
  })
}
