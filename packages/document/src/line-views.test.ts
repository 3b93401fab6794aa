import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineViews, type Replaced } from './line-views.ts'

test('AE2: views follow edits as if they were made anew', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', '’'), maxLength: 12 })
  const edits = fc.array(fc.tuple(fc.nat(4), fc.nat(4), texts), { maxLength: 3 })
  const trim = (line: string) => line.trim()
  const double = (line: string) => line.replaceAll('a', 'bb')
  fc.assert(
    fc.property(texts, fc.array(edits, { maxLength: 4 }), (text, rounds) => {
      const views = new LineViews(text)
      for (const round of rounds) {
        views.through(trim)
        views.through(double)
        const replaced: Replaced[] = []
        let end = 0
        for (const [gap, remove, insert] of round) {
          const from = Math.min(views.text.length, end + gap)
          end = Math.min(views.text.length, from + remove)
          replaced.push({ from, to: end, insert })
        }
        const wanted = replaced
          .toReversed()
          .reduce((now, { from, to, insert }) => now.slice(0, from) + insert + now.slice(to), views.text)
        views.replace(replaced)
        expect(views.text).toBe(wanted)
        const anew = new LineViews(wanted)
        expect(views.through(trim)).toBe(anew.through(trim))
        expect(views.through(double)).toBe(anew.through(double))
      }
    }),
    { numRuns: 2000 },
  )
})
