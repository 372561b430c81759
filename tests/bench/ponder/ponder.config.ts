// As Ponder's documentation has it, but for the rate limit, which would be 50
// requests a second: it asks as fast as it can.
import { createConfig } from 'ponder'
import { http, type Abi, type Address } from 'viem'
import streamingAbi from '../../../contracts-abi/payment-streaming.json'
import tokenAbi from '../../../contracts-abi/usdc.json'

const range = { network: 'bench', startBlock: 0, endBlock: Number(process.env.BENCH_TO) }

export default createConfig({
  networks: { bench: { chainId: 31337, transport: http(process.env.BENCH_RPC), maxRequestsPerSecond: 2000 } },
  contracts: {
    Token: { abi: tokenAbi as Abi, address: process.env.BENCH_TOKEN as Address, ...range },
    Streaming: { abi: streamingAbi as Abi, address: process.env.BENCH_STREAMING as Address, ...range },
  },
})
