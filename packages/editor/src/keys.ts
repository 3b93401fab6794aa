/**
 * The keys of the text. They are CodeMirror's own without those that the interface forbids: ⌥ with a letter or digit types
 * characters on many keyboards, and Ctrl+Alt is AltGr. Tab indents; after Esc it leaves the editor.
 */
import { closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, indentWithTab } from '@codemirror/commands'
import { searchKeymap } from '@codemirror/search'
import type { KeyBinding } from '@codemirror/view'
import { yUndoManagerKeymap } from 'y-codemirror.next'

const FORBIDDEN = /(^|-)Alt-(Shift-)?[a-z0-9\\]$|(Mod|Ctrl)-Alt-|^Shift-Alt-[a-z]$|^Mod-[wtnlk]$/i

/** Says whether the interface allows a binding; `key` is in CodeMirror's notation. */
export const isAllowedKey = (key: string): boolean => !FORBIDDEN.test(key)

function withoutForbidden(binding: KeyBinding): KeyBinding[] {
  const allowed: KeyBinding = { ...binding }
  for (const platform of ['key', 'mac', 'win', 'linux'] as const) {
    const key = allowed[platform]
    if (key && !isAllowedKey(key)) delete allowed[platform]
  }
  return allowed.key || allowed.mac || allowed.win || allowed.linux ? [allowed] : []
}

/** Every binding of the text, in order of precedence. */
export const textKeys: readonly KeyBinding[] = [
  ...closeBracketsKeymap,
  ...yUndoManagerKeymap,
  ...searchKeymap,
  ...defaultKeymap,
  indentWithTab,
].flatMap(withoutForbidden)
