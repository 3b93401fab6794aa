'use client'
// The colour theme, kept on this device.

import { useEffect, useState } from 'react'
import { chooseTheme, currentTheme, type Theme, themeChoices } from '../../lib/theme.ts'

/** The section of `/me`. */
export function AppearanceSection() {
  const [theme, setTheme] = useState<Theme>('system')
  useEffect(() => setTheme(currentTheme()), [])
  return (
    <section id="appearance" aria-labelledby="appearance-title">
      <h2 id="appearance-title">Appearance</h2>
      <div>
        <fieldset className="segments" aria-labelledby="appearance-title">
          {themeChoices.map((choice) => (
            <label key={choice.value}>
              <input
                type="radio"
                name="theme"
                checked={choice.value === theme}
                onChange={() => {
                  chooseTheme(choice.value)
                  setTheme(choice.value)
                }}
              />
              {choice.label}
            </label>
          ))}
        </fieldset>
      </div>
      <p className="faint xs">Kept on this device.</p>
    </section>
  )
}
