import { expect, test } from 'vitest'
import { eventToKeys, findKeysInUse, formatKeys, isReserved, shortcuts } from './shortcuts.ts'

const press = (key: string, held: Partial<Record<'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  eventToKeys({ key, metaKey: false, ctrlKey: false, altKey: false, shiftKey: false, ...held })

test('no key of the registry belongs to the browser or to typing, and none has two meanings', () => {
  expect(shortcuts.filter((shortcut) => isReserved(shortcut.keys))).toEqual([])
  expect(new Set(shortcuts.map((shortcut) => shortcut.keys)).size).toBe(shortcuts.length)
})

test('keys that browsers, AltGr and typing need are reserved', () => {
  for (const keys of ['$mod+w', '$mod+t', '$mod+l', '$mod+1', 'Alt+e', '$mod+Alt+q', 'a']) {
    expect(`${keys} ${isReserved(keys)}`).toBe(`${keys} true`)
  }
  for (const keys of ['$mod+k', '$mod+Shift+z', 'F8', 'Alt+Enter', 'Shift+?']) {
    expect(`${keys} ${isReserved(keys)}`).toBe(`${keys} false`)
  }
})

test('a press is written as the registry writes it; modifiers alone are none', () => {
  expect(press('K', { ctrlKey: true, shiftKey: true })).toBe('$mod+Shift+k')
  expect(press('F6')).toBe('F6')
  expect(press('Control', { ctrlKey: true })).toBeNull()
})

test('keys are shown as the keyboard of the device names them', () => {
  expect(formatKeys('$mod+k', true)).toBe('⌘K')
  expect(formatKeys('$mod+Shift+z', false)).toBe('Ctrl Shift Z')
  expect(formatKeys('Shift+?', false)).toBe('?')
})

test('a key in use names its action, but not to itself', () => {
  expect(findKeysInUse('$mod+k', 'find')?.id).toBe('palette')
  expect(findKeysInUse('$mod+k', 'palette')).toBeUndefined()
})
