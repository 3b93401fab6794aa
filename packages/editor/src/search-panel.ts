/** Search in the file: CodeMirror's search with our own panel, which counts the matches and speaks our words. */
import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  setSearchQuery,
} from '@codemirror/search'
import type { EditorState } from '@codemirror/state'
import type { EditorView, Panel, ViewUpdate } from '@codemirror/view'

/** Counting stops here, so that one letter in a large file costs nothing noticeable. */
const MATCHES_COUNTED_MAX = 1_000

/** Which match is selected (1-based, 0 for none) and how many there are. */
export function countMatches(state: EditorState, query: SearchQuery): { current: number; total: number } {
  if (!query.search || !query.valid) return { current: 0, total: 0 }
  const { from, to } = state.selection.main
  let current = 0
  let total = 0
  const cursor = query.getCursor(state)
  for (let next = cursor.next(); !next.done && total < MATCHES_COUNTED_MAX; next = cursor.next()) {
    total++
    if (next.value.from === from && next.value.to === to) current = total
  }
  return { current, total }
}

/** The sentence beside the field. */
export function describeMatches(query: SearchQuery, { current, total }: { current: number; total: number }): string {
  if (!query.search) return ''
  if (!query.valid) return 'Not a valid expression'
  if (total === 0) return 'No match'
  const count = total >= MATCHES_COUNTED_MAX ? `${MATCHES_COUNTED_MAX} or more` : String(total)
  return current ? `${current} of ${count}` : `${count} ${total === 1 ? 'match' : 'matches'}`
}

type Toggle = 'caseSensitive' | 'wholeWord' | 'regexp'

class SearchPanel implements Panel {
  readonly dom = document.createElement('div')
  readonly top = true
  private readonly view: EditorView
  private readonly findField = this.field('Find', 'main-field')
  private readonly replaceField = this.field('Replace with')
  private readonly count = document.createElement('span')
  private readonly toggles: ReadonlyMap<Toggle, HTMLButtonElement>

  constructor(view: EditorView) {
    this.view = view
    this.toggles = new Map([
      ['caseSensitive', this.toggle('caseSensitive', 'Aa', 'Match case')],
      ['wholeWord', this.toggle('wholeWord', 'Word', 'Whole word')],
      ['regexp', this.toggle('regexp', '.*', 'Regular expression')],
    ])
    this.count.className = 'searchpanel-count num'
    this.count.setAttribute('role', 'status')
    this.dom.className = 'searchpanel'
    this.dom.setAttribute('role', 'search')
    this.dom.setAttribute('aria-label', 'Search in this file')
    this.dom.addEventListener('keydown', (event) => this.onKey(event))
    this.dom.append(
      this.row(
        this.findField,
        ...this.toggles.values(),
        this.count,
        this.button('Previous', () => findPrevious(view)),
        this.button('Next', () => findNext(view)),
        this.closeButton(),
      ),
    )
    if (!view.state.readOnly) {
      this.dom.append(
        this.row(
          this.replaceField,
          this.button('Replace', () => replaceNext(view)),
          this.button('Replace all', () => replaceAll(view)),
        ),
      )
    }
    this.read(getSearchQuery(view.state))
  }

  mount(): void {
    this.findField.select()
  }

  update(update: ViewUpdate): void {
    for (const transaction of update.transactions) {
      for (const effect of transaction.effects) {
        if (effect.is(setSearchQuery) && !effect.value.eq(this.query())) this.read(effect.value)
      }
    }
    if (update.docChanged || update.selectionSet || update.transactions.length > 0) this.showCount()
  }

  private query(): SearchQuery {
    const isOn = (toggle: Toggle): boolean => this.toggles.get(toggle)?.getAttribute('aria-pressed') === 'true'
    return new SearchQuery({
      search: this.findField.value,
      replace: this.replaceField.value,
      caseSensitive: isOn('caseSensitive'),
      wholeWord: isOn('wholeWord'),
      regexp: isOn('regexp'),
    })
  }

  private read(query: SearchQuery): void {
    this.findField.value = query.search
    this.replaceField.value = query.replace
    for (const [toggle, button] of this.toggles) button.setAttribute('aria-pressed', String(query[toggle]))
    this.showCount()
  }

  private commit(): void {
    const query = this.query()
    if (!query.eq(getSearchQuery(this.view.state))) this.view.dispatch({ effects: setSearchQuery.of(query) })
    this.showCount()
  }

  private showCount(): void {
    const query = this.query()
    this.count.textContent = describeMatches(query, countMatches(this.view.state, query))
  }

  private onKey(event: KeyboardEvent): void {
    const command = event.key === 'F3' || (event.key === 'Enter' && event.target === this.findField)
    if (event.key === 'Escape') closeSearchPanel(this.view)
    else if (command) (event.shiftKey ? findPrevious : findNext)(this.view)
    else if (event.key === 'Enter' && event.target === this.replaceField) replaceNext(this.view)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private field(label: string, mark?: string): HTMLInputElement {
    const input = document.createElement('input')
    input.className = 'input searchpanel-field'
    input.placeholder = label
    input.setAttribute('aria-label', label)
    if (mark) input.setAttribute(mark, 'true')
    input.addEventListener('input', () => this.commit())
    return input
  }

  private toggle(name: Toggle, face: string, label: string): HTMLButtonElement {
    const button = this.button(face, () => {
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'))
      this.commit()
    })
    button.classList.add('mono')
    button.setAttribute('aria-pressed', 'false')
    button.setAttribute('aria-label', label)
    button.title = label
    button.dataset.toggle = name
    return button
  }

  private button(face: string, run: () => unknown): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'btn btn-quiet btn-sm'
    button.textContent = face
    button.addEventListener('click', run)
    return button
  }

  private closeButton(): HTMLButtonElement {
    const button = this.button('×', () => closeSearchPanel(this.view))
    button.classList.add('btn-icon')
    button.setAttribute('aria-label', 'Close search')
    return button
  }

  private row(...children: HTMLElement[]): HTMLElement {
    const row = document.createElement('div')
    row.className = 'searchpanel-row'
    row.append(...children)
    return row
  }
}

/** Search and replace in the file, at the top of the sheet. */
export const fileSearch = search({ top: true, createPanel: (view) => new SearchPanel(view) })
