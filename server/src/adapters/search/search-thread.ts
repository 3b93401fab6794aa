/** The thread of `search-threads.ts`: takes a search, then batches of texts, and answers each message in its order. */
import { parentPort } from 'node:worker_threads'
import {
  compileSearch,
  type ExpressionFault,
  type SearchTerms,
  type TextFound,
} from '../../commands/find/text-search.ts'

export type ToThread = { terms: SearchTerms } | { texts: readonly string[] }
export type FromThread = { ready: true } | ExpressionFault | { found: (TextFound | null)[] }

let search: ((text: string) => TextFound | null) | undefined

function answer(message: ToThread): FromThread {
  if ('texts' in message) {
    if (!search) throw new Error('texts came before the search')
    return { found: message.texts.map(search) }
  }
  const compiled = compileSearch(message.terms)
  if ('fault' in compiled) return compiled
  search = compiled
  return { ready: true }
}

parentPort?.on('message', (message: ToThread) => parentPort?.postMessage(answer(message)))
