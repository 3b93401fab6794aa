// What one side changed against the common base, as lines with marked words. A line that a side wrote carries `+`; what it took
// away without writing anything in its place carries `−`, so that no change is told by colour alone. Longest common
// subsequences of lines, then of words inside lines that took each other's place. Pure.

/** A piece of a line; marked pieces are what differs. */
export type Piece = { text: string; isMarked: boolean }
export type DiffLine = { sign: ' ' | '+' | '−'; pieces: readonly Piece[] }

/** Above this many comparisons the sides are shown without marks: a table of them would take longer than reading. */
const comparisonsMax = 1_000_000
const wordPattern = /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu

/** Lines without their ends; a text that ends with a line break has no empty line after it. */
export function toLines(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => line.replaceAll('\r', '␍'))
}

/** Pairs of equal places in both lists, ascending; null when comparing them would take too long. */
function commonPlaces(base: readonly string[], side: readonly string[]): [number, number][] | null {
  const width = side.length + 1
  if ((base.length + 1) * width > comparisonsMax) return null
  const lengths = new Uint32Array((base.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = base.length - 1; i >= 0; i -= 1) {
    for (let j = side.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = base[i] === side[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const places: [number, number][] = []
  for (let i = 0, j = 0; i < base.length && j < side.length; ) {
    if (base[i] === side[j]) places.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1
    else j += 1
  }
  return places
}

function joinPieces(words: readonly string[], kept: ReadonlySet<number>): Piece[] {
  const pieces: Piece[] = []
  words.forEach((text, index) => {
    const isMarked = !kept.has(index)
    const last = pieces.at(-1)
    if (last && last.isMarked === isMarked) last.text += text
    else pieces.push({ text, isMarked })
  })
  return pieces
}

/** Both lines with the words marked that the other does not have; null when they share too little to be one line changed. */
export function markWords(before: string, after: string): { before: Piece[]; after: Piece[] } | null {
  const [old, anew] = [before.match(wordPattern) ?? [], after.match(wordPattern) ?? []]
  const places = commonPlaces(old, anew)
  const shared = places?.reduce((sum, [i]) => sum + (old[i]?.trim().length ?? 0), 0) ?? 0
  if (!places || shared * 4 < Math.min(before.trim().length, after.trim().length)) return null
  return {
    before: joinPieces(old, new Set(places.map(([i]) => i))),
    after: joinPieces(anew, new Set(places.map(([, j]) => j))),
  }
}

const plain = (sign: DiffLine['sign'], text: string): DiffLine => ({
  sign,
  pieces: text === '' ? [] : [{ text, isMarked: sign !== ' ' }],
})

/** Lines that took the place of others, each beside the one it replaced as far as there are as many. */
function markBlock(removed: readonly string[], added: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = []
  added.forEach((line, index) => {
    const old = removed[index]
    const words = old === undefined ? null : markWords(old, line)
    if (!words) {
      lines.push(plain('+', line))
      return
    }
    // Only taken away: the line before shows what.
    if (!words.after.some(({ isMarked }) => isMarked)) lines.push({ sign: '−', pieces: words.before })
    lines.push({ sign: '+', pieces: words.after })
  })
  for (const line of removed.slice(added.length)) lines.push(plain('−', line))
  return lines
}

/** One side against the base; without a base everything is new. */
export function markSide(base: string | null, side: string): DiffLine[] {
  const [old, anew] = [toLines(base ?? ''), toLines(side)]
  const places = commonPlaces(old, anew)
  if (!places) return anew.map((text) => ({ sign: ' ', pieces: [{ text, isMarked: false }] }))
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  for (const [oldEnd, newEnd] of [...places, [old.length, anew.length] as const]) {
    lines.push(...markBlock(old.slice(i, oldEnd), anew.slice(j, newEnd)))
    const same = anew[newEnd]
    if (same !== undefined) lines.push(plain(' ', same))
    ;[i, j] = [oldEnd + 1, newEnd + 1]
  }
  return lines
}
