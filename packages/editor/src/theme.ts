/**
 * The sheet as CodeMirror draws it. Every value is a variable of the design tokens, whose `light-dark()` follows the page:
 * one theme serves both, and nothing here asks which one is on.
 */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** Numbers are 52 wide: 3 for the presence mark, 45 for the number, 4 that belong to the line. */
const sheet = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', background: 'transparent', fontSize: 'var(--text-code)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono)',
    lineHeight: 'var(--text-code--line-height)',
    padding: '14px 0',
    overflowAnchor: 'none',
  },
  '.cm-content': { padding: '0', maxWidth: 'calc(80ch + 4px)', caretColor: 'var(--ink)' },
  // The caret shows where the focus is; a ring around the whole text would say no more.
  '.cm-content:focus-visible': { outline: 'none', boxShadow: 'none' },
  '.cm-line': { padding: '0 0 0 4px' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--ink) 4%, transparent)' },
  '.cm-gutters': { background: 'transparent', border: '0', color: 'var(--ink-3)' },
  '.cm-presenceGutter': { width: '3px' },
  '.cm-presenceGutter .cm-gutterElement': { position: 'relative' },
  '.cm-lineNumbers .cm-gutterElement': {
    minWidth: '45px',
    padding: '0 14px 0 0',
    fontSize: 'var(--text-xs)',
    fontVariantNumeric: 'tabular-nums',
  },
  '.cm-cursor': { borderLeft: '2px solid var(--ink)', marginLeft: '-1px' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '.cm-specialChar': { color: 'var(--warn)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    background: 'transparent',
    boxShadow: 'inset 0 -1px 0 var(--ink-3)',
  },
  '.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': { background: 'transparent' },
  '.cm-searchMatch': { background: 'var(--warn-soft)', boxShadow: 'inset 0 -1px 0 var(--warn)' },
  '.cm-searchMatch-selected': { background: 'var(--selection)', boxShadow: 'inset 0 0 0 1px var(--focus)' },
  '.cm-panels': { background: 'transparent', color: 'inherit', zIndex: '3' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '@media (max-width: 720px)': {
    '.cm-lineNumbers .cm-gutterElement': { minWidth: '29px', padding: '0 6px 0 0' },
    '.cm-content': { marginRight: '14px' },
  },
})

const people = EditorView.theme({
  '.cm-presenceMark': {
    position: 'absolute',
    inset: '2px 0 2px 0',
    borderRadius: '0 2px 2px 0',
    background: 'var(--who)',
  },
  '.cm-remoteSelection': {
    borderRadius: '2px',
    background: 'color-mix(in srgb, var(--who) var(--presence-selection), transparent)',
  },
  '.cm-remoteCaret': { position: 'relative' },
  '.cm-remoteCaret::before': {
    content: '""',
    position: 'absolute',
    inset: '-3px auto -3px -1px',
    width: '2px',
    background: 'var(--who)',
  },
  '.cm-remoteCaret-idle::before': { opacity: '0.5' },
  '.cm-remoteFlag': {
    position: 'absolute',
    left: '-1px',
    zIndex: '2',
    padding: '0 6px',
    borderRadius: 'var(--radius-sm)',
    background: 'var(--who)',
    color: 'var(--on-who)',
    font: '500 var(--text-flag)/var(--text-flag--line-height) var(--font-sans)',
    whiteSpace: 'nowrap',
    userSelect: 'none',
  },
  '.cm-remoteFlag-above': { bottom: 'calc(100% + 2px)', borderBottomLeftRadius: '0' },
  '.cm-remoteFlag-below': { top: 'calc(100% + 2px)', borderTopLeftRadius: '0' },
  '.cm-remoteFlag-after': { left: '8px', top: '1px' },
  '.cm-remoteFlag-folded:not(.cm-remoteFlag-open):not(:hover)': {
    left: '-1px',
    top: 'auto',
    bottom: 'calc(100% - 1px)',
    width: '8px',
    height: '8px',
    padding: '0',
    borderRadius: '4px 4px 4px 0',
    fontSize: '0',
  },
})

/** Six roles of low saturation, so that people stand out. */
const syntax = HighlightStyle.define([
  { tag: tags.heading, color: 'var(--syntax-heading)', fontWeight: '650' },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.meta], color: 'var(--syntax-markup)' },
  { tag: tags.strong, fontWeight: '650' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.tagName], color: 'var(--syntax-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.url], color: 'var(--syntax-string)' },
  {
    tag: [tags.number, tags.bool, tags.null, tags.atom, tags.literal, tags.color, tags.unit],
    color: 'var(--syntax-value)',
  },
  { tag: tags.monospace, color: 'var(--syntax-string)' },
  { tag: [tags.attributeName, tags.propertyName], color: 'var(--syntax-value)' },
  { tag: [tags.definition(tags.propertyName)], color: 'var(--ink)' },
  { tag: [tags.comment, tags.quote], color: 'var(--syntax-comment)' },
  { tag: tags.comment, fontStyle: 'italic' },
  { tag: tags.invalid, textDecoration: 'underline wavy var(--bad)' },
])

/** Colours, sizes and type of the editor. */
export const sheetTheme = [sheet, people, syntaxHighlighting(syntax)]
