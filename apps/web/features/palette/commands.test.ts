import { File } from 'lucide-react'
import { describe, expect, test } from 'vitest'
import { type Command, findCommands, readTyped } from './commands.ts'

const command = (label: string, more: Partial<Command> = {}): Command => ({
  id: label,
  label,
  icon: File,
  isEnabled: true,
  run: () => undefined,
  ...more,
})
const commands = [
  command('Rename this file'),
  command('Make a new file', { also: 'create' }),
  command('Upload files', { isEnabled: false }),
  command('Show all shortcuts', { also: 'keys help' }),
]
const found = (typed: string) => findCommands(commands, typed).map(({ label }) => label)

describe('commands', () => {
  test('are found by any of their words, those that start with it first', () => {
    expect(found('file')).toEqual(['Rename this file', 'Make a new file'])
    expect(found('make file')).toEqual(['Make a new file'])
    expect(found('create')).toEqual(['Make a new file'])
    expect(found('s')[0]).toBe('Show all shortcuts')
  })

  test('with nothing typed all that can run are there', () => {
    expect(found('')).toEqual(['Rename this file', 'Make a new file', 'Show all shortcuts'])
  })

  test('a first sign narrows what is looked for', () => {
    expect(readTyped('> ren')).toEqual({ scope: 'commands', query: 'ren' })
    expect(readTyped('@be')).toEqual({ scope: 'people', query: 'be' })
    expect(readTyped(' es')).toEqual({ scope: 'all', query: 'es' })
  })
})
