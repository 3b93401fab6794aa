import { MACHINE_CLOCK } from '../clock.ts'
import { testRelay } from '../relay.contract.ts'
import { RelayNetwork } from './memory-relay.ts'

const NAMES = ['a', 'b', 'c'] as const

testRelay('in memory', async () => {
  const network = new RelayNetwork(MACHINE_CLOCK)
  return {
    relays: [network.connect('a'), network.connect('b'), network.connect('c')],
    cut: async () => {
      for (const name of NAMES) network.cut(name)
    },
    mend: async () => {
      for (const name of NAMES) network.mend(name)
    },
    stop: async () => {},
  }
})
