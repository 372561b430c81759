// Puts the development contracts on a chain and gives platforms money.
import { encodeDeployData, getAddress } from 'viem'
import { compile } from './compile.mjs'

// Where Circle's Arc has its token, and what it logs from by itself: transfers
// since the hardfork Zero5, transfers before it, blocked accounts.
export const arc = {
  usdc: '0x3600000000000000000000000000000000000000',
  emitter: '0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE',
  authority: '0x1800000000000000000000000000000000000000',
  control: '0x1800000000000000000000000000000000000001',
}

// Deploys DevUSDC and PaymentStreaming from the chain's owner account, and
// where asked MicroLoan and ReputationLedger. logsLike: 'zero5' or 'legacy', for
// a chain whose own money is USDC, as Arc after and before its hardfork Zero5.
// Returns their { address, abi }, and the block that the first of them stands in.
export async function deploy(chain, { loans = false, reputation = false, logsLike } = {}) {
  const { DevUSDC, PaymentStreaming, MicroLoan, ReputationLedger } = compile()
  const usdc = logsLike ? await deployArc(chain, logsLike) : await deployOne(chain, DevUSDC)
  const streaming = await deployOne(chain, PaymentStreaming, [usdc.address])
  return {
    usdc,
    streaming,
    ...(loans && { loans: await deployOne(chain, MicroLoan, [usdc.address]) }),
    ...(reputation && { reputation: await deployOne(chain, ReputationLedger) }),
    startBlock: usdc.block,
  }
}

export async function deployOne(chain, { abi, bytecode }, args = []) {
  const receipt = await chain.send(chain.owner, { data: encodeDeployData({ abi, bytecode, args }) })
  return { address: getAddress(receipt.contractAddress), abi, block: receipt.blockNumber }
}

// The constructor writes no storage, so that the code alone is the token.
async function deployArc(chain, logsLike) {
  const { ArcSystem, ArcUSDC } = compile()
  for (const address of [arc.emitter, arc.authority, arc.control]) {
    await chain.call('anvil_setCode', address, ArcSystem.deployedBytecode)
  }
  const token = await deployOne(chain, ArcUSDC, [logsLike === 'zero5'])
  await chain.call('anvil_setCode', arc.usdc, await chain.call('eth_getCode', token.address, 'latest'))
  return { ...token, address: arc.usdc }
}

// Mints to platforms and lets the streaming contract take their escrows.
export async function fund(actions, platforms, amount) {
  for (const platform of platforms) {
    await actions.mint(platform.address, amount)
    await actions.approve(platform)
  }
}

// Gives the owner's loan contract money to lend, and lets it take repayments.
export async function fundLoans(actions, owner, workers, amount) {
  await actions.mint(owner.address, amount)
  for (const account of [owner, ...workers]) await actions.approve(account, undefined, actions.loans)
  await actions.fundContract(owner, amount)
}
