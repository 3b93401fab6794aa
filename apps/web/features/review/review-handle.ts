// What the keys and the palette ask of the review while it is shown.

export type ReviewHandle = {
  /** To the next item (1) or the previous one (-1), around the end. */
  go: (by: 1 | -1) => void
  /** Closes the item with the file as it stands. */
  done: () => void
}
