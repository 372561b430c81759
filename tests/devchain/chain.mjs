// A chain under our control: accounts, transactions, time and forks.
import { createPublicClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { rpc } from './anvil.mjs'
import { until } from './lifetime.mjs'

const mnemonic = 'test test test test test test test test test test test junk' // anvil's own
const hex = (n) => `0x${BigInt(n).toString(16)}`
const gas = 3_000_000n

export async function openChain(url) {
  const client = createPublicClient({ transport: http(url, { retryCount: 0 }), cacheTime: 0, pollingInterval: 20 })
  const id = await client.getChainId()
  const call = (method, ...params) => rpc(url, method, params)
  const account = (i) => mnemonicToAccount(mnemonic, { addressIndex: i })
  const head = async () => Number(await call('eth_blockNumber'))

  // Signs a transaction; `raw` can be sent again after a fork took it away.
  // One with a higher `fee` replaces another with its nonce.
  async function sign(from, { to, data = '0x', value = 0n, fee = 100_000_000_000n }, nonce) {
    nonce ??= await client.getTransactionCount({ address: from.address, blockTag: 'pending' })
    return from.signTransaction({
      chainId: id, type: 'eip1559', nonce, to, data, value, gas,
      maxFeePerGas: fee, maxPriorityFeePerGas: fee / 100n,
    })
  }

  async function receiptOf(hash) {
    const receipt = await until(`transaction ${hash}`, () =>
      client.getTransactionReceipt({ hash }).catch((error) => {
        if (error.name === 'TransactionReceiptNotFoundError') return null
        throw error
      }))
    return { ...receipt, blockNumber: Number(receipt.blockNumber) }
  }

  const sendRaw = (raw) => call('eth_sendRawTransaction', raw)

  // Sends and waits for the block; a transaction that reverts is an error
  // unless mayRevert is set.
  async function send(from, transaction, { mayRevert = false } = {}) {
    const raw = await sign(from, transaction)
    const receipt = await receiptOf(await sendRaw(raw))
    if (receipt.status !== 'success' && !mayRevert) {
      await client.call({ account: from.address, ...transaction, blockNumber: BigInt(receipt.blockNumber) })
      throw new Error(`transaction ${receipt.transactionHash} was reverted`)
    }
    return { ...receipt, raw }
  }

  // Everything that make() sends goes into one block, in that order.
  async function inOneBlock(make) {
    await call('evm_setAutomine', false)
    try {
      const hashes = await make()
      await call('evm_mine')
      return await Promise.all(hashes.map(receiptOf))
    } finally {
      await call('evm_setAutomine', true)
    }
  }

  const now = async () => Number((await call('eth_getBlockByNumber', 'latest', false)).timestamp)

  return {
    url, id, client, call, head, account, sign, send, sendRaw, receiptOf, inOneBlock,
    owner: account(0),
    block: (number) => call('eth_getBlockByNumber', hex(number), false),
    mine: (n = 1) => call('anvil_mine', hex(n)),
    now,
    // Moves the chain's clock on; the next block shows it.
    warp: (seconds) => call('evm_increaseTime', hex(seconds)),
    // Sets it: the next block has this timestamp (or the least one possible).
    setTime: async (timestamp) => call('evm_setNextBlockTimestamp', Math.max(Number(timestamp), (await now()) + 1)),
    // Replaces the last `depth` blocks by as many others, whose hashes differ.
    // Their transactions are gone, except those given again as [raw, index]:
    // index 0 is the first of the new blocks.
    reorg: (depth, transactions = []) => call('anvil_reorg', depth, transactions),
    // Takes them away without others in their place.
    rollback: (depth) => call('anvil_rollback', depth),
    // Blocks that follow share the timestamp of the last one, until `go`.
    stopClock: async () => {
      await call('anvil_setBlockTimestampInterval', 0)
      return () => call('anvil_removeBlockTimestampInterval')
    },
    snapshot: () => call('evm_snapshot'),
    revert: (snapshot) => call('evm_revert', snapshot),
  }
}
