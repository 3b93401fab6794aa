// A person: a filled circle with an initial, in the colour they have in this place. The name goes with it as a title
// and as the name for screen readers; beside a written name, `decorative` keeps it from being read twice.

export type PresenceColour = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10

/** The nth person to join (from 0) gets the nth colour; after ten they begin again. */
export function orderToColour(order: number): PresenceColour {
  return ((order % 10) + 1) as PresenceColour
}

/** The first letter of a name, as a person would write it. */
export function nameToInitial(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())
  return first ? first.segment.toLocaleUpperCase() : '?'
}

/** The classes of an avatar, for buttons that are avatars themselves. */
export function avatarClass({
  colour,
  idle,
  small,
}: {
  colour: PresenceColour
  idle?: boolean
  small?: boolean
}): string {
  return `avatar who-${colour}${small ? ' avatar-sm' : ''}${idle ? ' avatar-idle' : ''}`
}

/** One person as a circle of 26 pixels, or 18 with `small`. */
export function Avatar({
  name,
  colour,
  idle = false,
  small = false,
  decorative = false,
}: {
  name: string
  colour: PresenceColour
  idle?: boolean
  small?: boolean
  decorative?: boolean
}) {
  const words = idle ? `${name}, idle` : name
  return (
    <span
      className={avatarClass({ colour, idle, small })}
      title={words}
      {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': words })}
    >
      {nameToInitial(name)}
    </span>
  )
}
