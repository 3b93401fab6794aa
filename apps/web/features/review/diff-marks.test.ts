import { describe, expect, test } from 'vitest'
import { type DiffLine, markSide, toLines } from './diff-marks.ts'

/** Lines as text: the sign, then the pieces with the marked ones in brackets. */
const shown = (lines: readonly DiffLine[]): string[] =>
  lines.map(({ sign, pieces }) => sign + pieces.map(({ text, isMarked }) => (isMarked ? `[${text}]` : text)).join(''))

const base = 'Twelve nests, on the island.\n'

describe('what a side changed', () => {
  test('written words are marked in a line with a plus', () => {
    expect(shown(markSide(base, 'Fourteen nests, on the island.\n'))).toEqual(['+[Fourteen] nests, on the island.'])
    expect(shown(markSide(base, 'Twelve nests, on the north island, two empty.\n'))).toEqual([
      '+Twelve nests, on the [north ]island[, two empty].',
    ])
  })

  test('words that were only taken away are shown in the line before, with a minus', () => {
    expect(shown(markSide(base, 'Twelve nests.\n'))).toEqual(['−Twelve nests[, on the island].', '+Twelve nests.'])
  })

  test('lines that are gone carry a minus, new ones a plus, equal ones nothing', () => {
    expect(shown(markSide('a\nb\nc\n', 'a\nc\n'))).toEqual([' a', '−[b]', ' c'])
    expect(shown(markSide('a\nc\n', 'a\nb\nc\nd\n'))).toEqual([' a', '+[b]', ' c', '+[d]'])
    expect(shown(markSide('a\n', ''))).toEqual(['−[a]'])
    expect(shown(markSide('a\n', 'a\n'))).toEqual([' a'])
  })

  test('a line that shares nothing with the one before is new as a whole', () => {
    expect(shown(markSide('one two three\n', 'four five six\n'))).toEqual(['+[four five six]'])
  })

  test('without a base everything is new', () => {
    expect(shown(markSide(null, 'a\n\nb'))).toEqual(['+[a]', '+', '+[b]'])
  })

  test('letters of every script are words; line ends of Windows are seen', () => {
    expect(shown(markSide('Über die Brücke\n', 'Über die Furt\n'))).toEqual(['+Über die [Furt]'])
    expect(shown(markSide('a b c\n', 'a b c\r\n'))).toEqual(['+a b c[␍]'])
    expect(toLines('a\r\nb')).toEqual(['a␍', 'b'])
  })

  test('a text of thousands of lines on both sides is shown without marks', () => {
    const long = (letter: string) => `${letter}\n`.repeat(2_000)
    expect(new Set(markSide(long('a'), long('b')).map(({ sign }) => sign))).toEqual(new Set([' ']))
  })
})
