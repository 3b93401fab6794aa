// Bones in the shape of what comes. They appear after 150 ms, so that a quick answer never flashes.

/** One bone; `width` is any CSS width. */
export function Bone({ width, height = 10 }: { width: string; height?: number }) {
  return <span className="skeleton" style={{ width, height }} />
}

/** A list of rows on a sheet: a name with a line below it, and a fact at the side. */
export function RowsSkeleton({ rows = 4, label }: { rows?: number; label: string }) {
  return (
    <ul className="sheet rows" aria-busy="true" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bones have no identity and never move
        <li key={row}>
          <span className="grow" style={{ display: 'grid', gap: 10 }}>
            <Bone width={`${120 + ((row * 37) % 60)}px`} />
            <Bone width={`${170 + ((row * 53) % 90)}px`} />
          </span>
          <span className="only-wide">
            <Bone width="140px" />
          </span>
        </li>
      ))}
    </ul>
  )
}
