'use client'
// The last net: the frame of all pages broke, so this one brings its own, with the styles and nothing else.

import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/lists.css'

export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <title>This page could not be shown · Skein</title>
        <main className="empty empty-page">
          <h1>This page could not be shown</h1>
          <p>Your text is not affected: everything marked Saved is stored. Loading the page again usually helps.</p>
          <div className="row">
            <button type="button" className="btn btn-primary" onClick={() => window.location.reload()}>
              Load again
            </button>
          </div>
        </main>
      </body>
    </html>
  )
}
