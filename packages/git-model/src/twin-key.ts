// Two names are twins when a common file system (APFS, NTFS, ext4 with casefold) would keep only one of them: they
// differ only in letter case or in Unicode normal form. The key below is equal for twins and for nothing else that
// people would call two names; the database holds it unique for each project's live files.

/**
 * Case-folded NFC form of a path, equal for twins. Works segment by segment: the key of `a/b` is the keys of `a` and
 * `b` joined by a slash, so a folder's key is a prefix of the keys of its files.
 */
export function twinKey(path: string): string {
  // JavaScript has no case folding. Lower, upper, lower reaches the same classes (ẞ, ß and ss are one; K and the
  // Kelvin sign are one) with two exceptions put right here: dotless ı is a letter of its own, and the final form of
  // sigma depends on its neighbours.
  return path
    .normalize('NFD')
    .split('ı')
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join('ı')
    .replaceAll('ς', 'σ')
    .normalize('NFC')
}
