import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fewerHunks, listHunks } from './edit-list.ts'
import { type Located, locate as locateIn, type Quote, toSearch } from './locate.ts'
import { editText } from './text-edit.ts'

const locate = (text: string, quote: Quote, isExactEnough = false): Located =>
  locateIn(toSearch(text, isExactEnough), quote)

/** What stands there after the quote was replaced, and the step that found it. */
const replaced = (text: string, oldText: string, newText: string, isExactEnough = false) => {
  const located = locate(text, { oldText, newText }, isExactEnough)
  if (located.match === null) return located
  const edits = located.replacements.map(({ from, to, insert }) => ({ at: from, remove: to - from, insert }))
  return { match: located.match, text: editText(text, edits) }
}

describe('AE2: a quote is found', () => {
  test('AE2: exactly, also within a line, over lines, at the start and at the end', () => {
    expect(replaced('one two\nthree\n', 'two\nth', 'X')).toEqual({ match: 'exact', text: 'one Xree\n' })
    expect(replaced('ab', 'ab', '')).toEqual({ match: 'exact', text: '' })
    expect(replaced('', '', 'new')).toEqual({ match: 'exact', text: 'new' })
    expect(replaced('a', '', 'new')).toEqual({ match: null, problem: 'empty' })
  })

  test('AE2: by whole lines whose ends have other blanks', () => {
    expect(replaced('a  \nb\t\nc\n', 'a\nb\n', 'x\ny\n')).toEqual({ match: 'blanks', text: 'x\ny\nc\n' })
    expect(replaced('a\r\nb\r\nc', 'b', 'x')).toEqual({ match: 'exact', text: 'a\r\nx\r\nc' })
    expect(replaced('if\n  a\n\n  b\nend', '  a\n  \n  b', '  c')).toEqual({ match: 'blanks', text: 'if\n  c\nend' })
  })

  test('AE2: further in or out by the same blanks, and the new text goes with it', () => {
    expect(replaced('f {\n    if (x)\n      y()\n}\n', 'if (x)\n  y()', 'if (z)\n  w()\n')).toEqual({
      match: 'indentation',
      text: 'f {\n    if (z)\n      w()\n\n}\n',
    })
    expect(replaced('if (x)\n  y()\n', '    if (x)\n      y()\n', '    if (z)\n      w()\n')).toEqual({
      match: 'indentation',
      text: 'if (z)\n  w()\n',
    })
    // Not by the same blanks: the structure is another one.
    expect(replaced('a\n  b\nc\n', '  a\n  b\n  c\n', 'x', true)).toMatchObject({ match: null, problem: 'missing' })
  })

  test('AE2: with other signs of the same meaning, or composed otherwise', () => {
    expect(replaced('say “it’s” now', `say "it's"`, 'sing')).toEqual({ match: 'signs', text: 'sing now' })
    expect(replaced('a cafe\u0301 here', 'caf\u00e9', 'bar')).toEqual({ match: 'signs', text: 'a bar here' })
    expect(replaced('wait… what', 'wait... what', 'ok')).toEqual({ match: 'signs', text: 'ok' })
    // Half of a sign is no place.
    expect(replaced('wait… what', 't..', 'x', true)).toMatchObject({ match: null })
  })

  test('AE2: by lines that are similar, in a text that was read', () => {
    const text = 'function add(first, second) {\n  return first + second\n}\n\nexport { add }\n'
    const quote = 'function add(first, secnd) {\n  return first + second\n}\n'
    expect(replaced(text, quote, 'const add = 1\n')).toEqual({
      match: 'similar',
      text: 'const add = 1\n\nexport { add }\n',
    })
    expect(replaced(text, quote, 'x', true)).toMatchObject({ match: null, problem: 'missing' })
  })
})

describe('AE2: a quote is not found', () => {
  test('AE2: by its first and last line alone', () => {
    const text = 'begin\nall of this\nis something else\nend\n'
    expect(replaced(text, 'begin\nwhat the writer\nhas in mind\nend\n', 'x')).toMatchObject({
      match: null,
      problem: 'missing',
    })
  })

  test('AE2: in several places: their lines are told, with what stands around them', () => {
    const located = locate('a\nx\nb\nx\nc\n', { oldText: 'x', newText: 'y' }) as Extract<
      Located,
      { problem: 'ambiguous' }
    >
    expect(located).toMatchObject({ match: null, problem: 'ambiguous', count: 2 })
    expect(located.places).toEqual([
      { line: 2, text: 'a\nx\nb\nx' },
      { line: 4, text: 'x\nb\nx\nc\n' },
    ])
    const all = locate('a\nx\nb\nx\nc\n', { oldText: 'x', newText: 'y', replaceAll: true })
    expect(all).toMatchObject({ match: 'exact', replacements: [{ from: 2 }, { from: 6 }] })
  })

  test('AE2: nowhere: what resembles it is told, and whether the new text is there', () => {
    const text = 'alpha beta gamma\ndelta\nepsilon\n'
    expect(locate(text, { oldText: 'alpha beta delta', newText: 'epsilon' })).toEqual({
      match: null,
      problem: 'missing',
      nearest: { line: 1, text: 'alpha beta gamma' },
      isThere: true,
    })
    expect(locate(text, { oldText: 'nothing like it at all', newText: 'x' })).toMatchObject({
      nearest: null,
      isThere: false,
    })
  })
})

describe('AE2: a list of edits', () => {
  test('AE2: each is made on what those before it left', () => {
    const list = listHunks('one two\n', [
      { oldText: 'one', newText: 'two' },
      { oldText: 'two two', newText: 'three' },
      { at: 0, remove: 0, insert: '> ' },
    ])
    if ('problem' in list) throw new Error('it has no place')
    expect(list.matches).toEqual(['exact', 'exact', 'position'])
    expect(editText('one two\n', list.hunks)).toBe('> three\n')
  })

  test('AE2: names the edits that a hunk comes from', () => {
    const list = listHunks('one\ntwo\nthree\n', [
      { oldText: 'three', newText: 'drei' },
      { oldText: 'one', newText: 'eins' },
    ])
    if ('problem' in list) throw new Error('it has no place')
    expect(list.hunks.map(({ edits }) => edits)).toEqual([[1], [0]])
  })

  test('AE2: names all the edits of hunks that are joined', () => {
    const text = 'one\ntwo\nthree\nfour\n'
    const list = listHunks(text, [
      { oldText: 'three', newText: 'drei' },
      { oldText: 'one', newText: 'eins' },
      { oldText: 'two', newText: 'zwei' },
    ])
    if ('problem' in list) throw new Error('it has no place')
    const fewer = fewerHunks(text, list.hunks, 2)
    expect(fewer).toMatchObject([
      { line: 1, edits: [1, 2] },
      { line: 3, edits: [0] },
    ])
    expect(editText(text, fewer)).toBe(editText(text, list.hunks))
  })

  test('AE2: makes none when one has no place', () => {
    const edits = [
      { oldText: 'one', newText: 'two' },
      { oldText: 'one', newText: 'x' },
    ]
    expect(listHunks('one\n', edits)).toMatchObject({ edit: 1, problem: { problem: 'missing' } })
    expect(listHunks('a😀', [{ at: 2, remove: 1, insert: '' }])).toEqual({ edit: 0, problem: { problem: 'outside' } })
    expect(listHunks('x'.repeat(10_001), [{ oldText: 'x', newText: 'y', replaceAll: true }])).toEqual({
      edit: 0,
      problem: { problem: 'too-many' },
    })
  })

  test('AE2: whatever is quoted from a text is found in it, and its replacement stands there', () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '\n', '😀', 'é', '’', '  '),
      minLength: 1,
      maxLength: 80,
    })
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), texts, (text, from, length, newText) => {
        const start = from % text.length
        const oldText = text.slice(start, start + 1 + (length % 20))
        if (!oldText.isWellFormed()) return
        const located = locate(text, { oldText, newText })
        if (located.match === null) expect(located.problem).toBe('ambiguous')
        else
          expect(located).toEqual({
            match: 'exact',
            replacements: [
              { from: text.indexOf(oldText), to: text.indexOf(oldText) + oldText.length, insert: newText },
            ],
          })
      }),
      { numRuns: 2000 },
    )
  })
})

describe('AE2: much to look at', () => {
  test('AE2: a hundred quotes with other signs: only the lines that an edit touched are looked at anew', () => {
    const lines = Array.from({ length: 2_000 }, (_, n) => (n % 20 === 0 ? `“marker ${n}”` : `“é” – line ${n}`))
    let seen = 0
    const search = toSearch(lines.join('\n'))
    const view = (line: string) => {
      seen++
      return line
    }
    search.views.through(view)
    for (let n = 0; n < 100; n++) {
      const located = locateIn(search, { oldText: `"marker ${n * 20}"`, newText: `"one"\n"two"` })
      if (located.match === null) throw new Error(`${n} was not found`)
      expect(located.match).toBe('signs')
      search.views.replace(located.replacements)
      expect(search.views.through(view)).toBe(search.views.text)
    }
    expect(seen).toBe(2_000 + 100 * 2)
  })

  test('AE2: a long quote among thousands of lines like its own is given up, and that is told', () => {
    const like = 'abcdefghij'.repeat(29)
    const text = `${like}zzzzz\n`.repeat(2_000)
    const oldText = Array.from({ length: 200 }, (_, n) => `${like.slice(0, 250)}${'q'.repeat(40)}${n}`).join('\n')
    expect(listHunks(text, [{ oldText, newText: 'x' }])).toMatchObject({
      edit: 0,
      problem: { problem: 'missing', isGivenUp: true },
    })
    const search = toSearch(text)
    locateIn(search, { oldText, newText: 'x' })
    expect(search.cells.left).toBeGreaterThan(-100_000)
  })

  test('AE2: thousands of places that are only alike are told without looking at each', () => {
    const text = ' a\n'.repeat(50_000)
    const located = locate(text, { oldText: 'a \n'.repeat(5_000), newText: 'b' })
    expect(located).toMatchObject({ match: null })
  })
})
