import { Text } from '@codemirror/state'
import { describe, expect, test } from 'vitest'
import { grammarKeepsUp } from './grammar-limit.ts'

const lines = (count: number, line: string, blankEvery = 0): Text =>
  Text.of(Array.from({ length: count }, (_, index) => (blankEvery > 0 && index % blankEvery === 0 ? '' : line)))

describe('texts and grammars', () => {
  test('a long Markdown text in paragraphs is parsed, one without blank lines is not', () => {
    expect(grammarKeepsUp(lines(10_000, 'x'.repeat(70), 10), 'Markdown')).toBe(true)
    expect(grammarKeepsUp(lines(1_000, 'x'.repeat(70)), 'Markdown')).toBe(false)
    expect(grammarKeepsUp(lines(1_000, 'x'.repeat(70)), 'CSV')).toBe(true)
  })

  test('a huge text is shown plain, whatever it is', () => {
    expect(grammarKeepsUp(lines(25_000, 'x'.repeat(70)), 'JSON')).toBe(false)
  })
})
