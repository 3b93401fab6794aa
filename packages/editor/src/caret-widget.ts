/** What a remote caret looks like: a solid line in the colour of its person, and a flag with the name while they move. */
import { GutterMarker, WidgetType } from '@codemirror/view'

/** Where the flag stands: above the caret, right of it at the end of a line, below it on the first line. */
export type FlagPlace = 'above' | 'after' | 'below'

/** The custom properties that give an element the colours of a person; `colour` is 1–10. */
export const whoStyle = (colour: number): string =>
  `--who: var(--presence-${colour}); --on-who: var(--on-presence-${colour})`

export class CaretWidget extends WidgetType {
  readonly name: string
  readonly colour: number
  readonly place: FlagPlace
  readonly isFolded: boolean
  readonly isIdle: boolean

  constructor(look: { name: string; colour: number; place: FlagPlace; isFolded: boolean; isIdle: boolean }) {
    super()
    this.name = look.name
    this.colour = look.colour
    this.place = look.place
    this.isFolded = look.isFolded
    this.isIdle = look.isIdle
  }

  override eq(other: CaretWidget): boolean {
    return (
      other.name === this.name &&
      other.colour === this.colour &&
      other.place === this.place &&
      other.isFolded === this.isFolded &&
      other.isIdle === this.isIdle
    )
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement('span')
    const flag = document.createElement('span')
    caret.setAttribute('aria-hidden', 'true')
    caret.append(flag)
    // A folded flag is a small tab at the caret; a tap or the pointer opens it again.
    caret.addEventListener('pointerdown', () => flag.classList.toggle('cm-remoteFlag-open'))
    this.dress(caret)
    return caret
  }

  override updateDOM(dom: HTMLElement): boolean {
    this.dress(dom)
    return true
  }

  override ignoreEvent(): boolean {
    return false
  }

  private dress(caret: HTMLElement): void {
    const flag = caret.firstElementChild
    if (!(flag instanceof HTMLElement)) return
    caret.className = `cm-remoteCaret${this.isIdle ? ' cm-remoteCaret-idle' : ''}`
    caret.style.cssText = whoStyle(this.colour)
    const isOpen = flag.classList.contains('cm-remoteFlag-open')
    flag.className = `cm-remoteFlag cm-remoteFlag-${this.place}${this.isFolded ? ' cm-remoteFlag-folded' : ''}`
    if (isOpen && this.isFolded) flag.classList.add('cm-remoteFlag-open')
    if (flag.textContent !== this.name) flag.textContent = this.name
  }
}

/** The 3 px mark at the edge of the sheet, on the line where somebody is. */
export class PresenceMark extends GutterMarker {
  readonly colour: number

  constructor(colour: number) {
    super()
    this.colour = colour
  }

  override eq(other: GutterMarker): boolean {
    return other instanceof PresenceMark && other.colour === this.colour
  }

  override toDOM(): HTMLElement {
    const mark = document.createElement('span')
    mark.className = 'cm-presenceMark'
    mark.style.cssText = whoStyle(this.colour)
    return mark
  }
}
