// The colour theme: the system's, until somebody pins one. The choice is a cookie, because the server then writes it
// into the first bytes of the page: no flash, and no script that a content security policy would have to let through.

export const themeCookie = 'skein-theme'
export type Theme = 'system' | 'light' | 'dark'
export const themeChoices: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

const oneYearSeconds = 365 * 24 * 60 * 60

/** The theme a cookie names; anything else is the system's. */
export function cookieToTheme(value: string | undefined): Theme {
  return value === 'light' || value === 'dark' ? value : 'system'
}

/** A script that shows the pinned theme, for the one page that is made without the cookie. */
export const showThemeScript = `{
  const pinned = document.cookie.match(/(?:^|; )${themeCookie}=(light|dark)/)
  if (pinned) document.documentElement.dataset.theme = pinned[1]
}`

/** Shows a theme at once and keeps it on this device for a year. */
export function chooseTheme(theme: Theme): void {
  const root = document.documentElement
  if (theme === 'system') {
    delete root.dataset.theme
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and over plain http
    document.cookie = `${themeCookie}=; path=/; max-age=0; samesite=lax`
  } else {
    root.dataset.theme = theme
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and over plain http
    document.cookie = `${themeCookie}=${theme}; path=/; max-age=${oneYearSeconds}; samesite=lax`
  }
}

/** The theme that the page shows now. */
export function currentTheme(): Theme {
  return cookieToTheme(document.documentElement.dataset.theme)
}
