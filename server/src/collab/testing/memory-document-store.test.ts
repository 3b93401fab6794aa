import { testDocumentStore } from '../document-store.contract.ts'
import { MemoryDocumentStore } from './memory-document-store.ts'

const store = new MemoryDocumentStore()

testDocumentStore('in memory', {
  stores: [store, store],
  add: async (text) => store.add(text),
  remove: async (document) => store.remove(document),
  compact: async (document) => store.compact(document),
  endEpoch: async (document, text) => store.endEpoch(document, text),
  textBeside: async (document) => store.textBeside(document),
})
