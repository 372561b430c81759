// Puts the development contracts on a chain and gives platforms money.
import { encodeDeployData, getAddress } from 'viem'
import { compile } from './compile.mjs'

// Deploys DevUSDC and PaymentStreaming from the chain's owner account. Returns
// their { address, abi } and the block that the first of them stands in.
export async function deploy(chain) {
  const { DevUSDC, PaymentStreaming } = compile()
  const usdc = await deployOne(chain, DevUSDC)
  const streaming = await deployOne(chain, PaymentStreaming, [usdc.address])
  return { usdc, streaming, startBlock: usdc.block }
}

export async function deployOne(chain, { abi, bytecode }, args = []) {
  const receipt = await chain.send(chain.owner, { data: encodeDeployData({ abi, bytecode, args }) })
  return { address: getAddress(receipt.contractAddress), abi, block: receipt.blockNumber }
}

// Mints to platforms and lets the streaming contract take their escrows.
export async function fund(actions, platforms, amount) {
  for (const platform of platforms) {
    await actions.mint(platform.address, amount)
    await actions.approve(platform)
  }
}
