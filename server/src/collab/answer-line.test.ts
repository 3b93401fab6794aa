import { expect, test } from 'vitest'
import { AnswerLine, type Asker } from './answer-line.ts'

const MIB = 1024 * 1024

/** Somebody whose answers have `bytes`; `sent` are those under way, to be called when they have left. */
const createAsker = (bytes: number): Asker & { sent: (() => void)[] } => {
  const sent: (() => void)[] = []
  return {
    sent,
    answer: (done) => {
      sent.push(done)
      return bytes
    },
  }
}

test('GT6: an asker has one answer under way, and gets one more however often it asked meanwhile', () => {
  const line = new AnswerLine()
  const asker = createAsker(10)
  for (let n = 0; n < 100; n++) line.ask(asker)
  expect(asker.sent).toHaveLength(1)
  asker.sent[0]?.()
  expect(asker.sent).toHaveLength(2)
  asker.sent[1]?.()
  expect(asker.sent).toHaveLength(2)
})

test('GT6: of all askers at most 8 MiB and one document are under way; the others get theirs in order', () => {
  const line = new AnswerLine()
  const askers = Array.from({ length: 5 }, () => createAsker(4 * MIB))
  for (const asker of askers) line.ask(asker)
  const counts = () => askers.map(({ sent }) => sent.length)
  expect(counts()).toEqual([1, 1, 0, 0, 0])
  askers[1]?.sent[0]?.()
  expect(counts()).toEqual([1, 1, 1, 0, 0])
  askers[0]?.sent[0]?.()
  askers[2]?.sent[0]?.()
  expect(counts()).toEqual([1, 1, 1, 1, 1])
})

test('GT6: somebody who does not want the answer any more takes no room', () => {
  const line = new AnswerLine()
  const gone: Asker = { answer: () => 0 }
  const asker = createAsker(10)
  line.ask(gone)
  line.ask(asker)
  line.ask(gone)
  expect(asker.sent).toHaveLength(1)
})
