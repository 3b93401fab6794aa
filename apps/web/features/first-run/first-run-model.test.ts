import { describe, expect, test } from 'vitest'
import { findPlaces, listSteps, phoneAddress } from './first-run-model.ts'

const welcome =
  '# Welcome\n\n## Type on the next line\n\n\n\n## Then\n\nOpen this project in another window, or scan.\n'

describe('the first run', () => {
  test('finds the line to type on and the invitation', () => {
    const { typeLine, isTypeLineEmpty, invite } = findPlaces(welcome)
    expect(welcome.slice(0, typeLine ?? 0).split('\n')).toHaveLength(5)
    expect(isTypeLineEmpty).toBe(true)
    expect(welcome.slice(invite ?? 0)).toMatch(/^Open this project/)
  })

  test('a line that was typed on is no longer empty; a text without the parts has no places', () => {
    expect(findPlaces(welcome.replace('line\n\n\n', 'line\n\nhello\n')).isTypeLineEmpty).toBe(false)
    expect(findPlaces('something else')).toEqual({ typeLine: null, isTypeLineEmpty: false, invite: null })
  })

  test('steps are done one by one', () => {
    expect(listSteps(new Set()).map(({ isDone }) => isDone)).toEqual([true, false, false, false])
    expect(listSteps(new Set(['commit'])).at(-1)?.isDone).toBe(true)
  })

  test('a phone cannot reach localhost, and the page knows it', () => {
    const href = 'http://localhost:3000/p/1/f/welcome.md'
    expect(phoneAddress('http://localhost:3000', href).reach).toBe('this-computer')
    expect(phoneAddress('https://skein.example.org', href)).toEqual({
      url: 'https://skein.example.org/p/1/f/welcome.md',
      reach: 'network',
    })
    expect(phoneAddress('', 'http://192.168.1.7:3000/p/1').reach).toBe('network')
    expect(phoneAddress('', 'http://127.0.0.1:3000/p/1').reach).toBe('this-computer')
  })
})
