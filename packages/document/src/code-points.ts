/** Surrogate pairs: nothing of ours cuts one in two, because Yjs would write U+FFFD in place of both halves. */

export const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
export const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

/** Whether a cut before `offset` (UTF-16) would part the two halves of one character. */
export const isInsidePair = (text: string, offset: number): boolean =>
  offset > 0 &&
  offset < text.length &&
  isHighSurrogate(text.charCodeAt(offset - 1)) &&
  isLowSurrogate(text.charCodeAt(offset))
