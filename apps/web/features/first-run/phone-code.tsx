'use client'
// The address of this page as a code for a phone. On an address that only this computer knows, it says so instead of
// showing a code that leads nowhere.

import { useMemo } from 'react'
import { renderSVG } from 'uqr'
import { useInstance } from '../../lib/api/account.ts'
import { phoneAddress } from './first-run-model.ts'

export function PhoneCode() {
  const instance = useInstance()
  const { url, reach } = phoneAddress(instance.data?.publicUrl ?? '', window.location.href)
  const code = useMemo(
    () => `data:image/svg+xml,${encodeURIComponent(renderSVG(url, { ecc: 'M', border: 2, pixelSize: 4 }))}`,
    [url],
  )
  if (!instance.data) return null
  if (reach === 'this-computer') {
    return (
      <p className="quiet invite-words">
        A phone cannot reach this Skein yet: its address, {new URL(url).host}, means only this computer. Start it with{' '}
        <code>PUBLIC_URL</code> set to an address of your network, then the code is shown here.
      </p>
    )
  }
  return (
    <figure className="phone-code">
      {/* biome-ignore lint/performance/noImgElement: made in this page, nothing to load */}
      <img src={code} alt={`Code for ${url}`} width={148} height={148} />
      <figcaption className="quiet">
        Scan it, and sign in with your account. <span className="clip faint">{url}</span>
      </figcaption>
    </figure>
  )
}
