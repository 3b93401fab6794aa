import { expect, test } from 'vitest'
import { isReachable, makeManifest } from './manifest.ts'

const github = 'https://api.github.com'

test('GA2: a webhook is asked for where GitHub can reach this Skein', () => {
  const reachable = [
    'https://skein.example.org',
    'https://8.8.8.8',
    'https://[2606:4700::1111]',
    'http://skein.example.org:8080',
  ]
  const hidden = [
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'https://10.1.2.3',
    'https://192.168.0.4:3000',
    'https://[::1]',
    'https://[fd00::1]',
    'https://[::ffff:10.0.0.1]',
    'http://skein',
    'http://skein.local',
    'http://skein.internal:3000',
  ]
  expect(reachable.filter((url) => !isReachable(url, github))).toEqual([])
  expect(hidden.filter((url) => isReachable(url, github))).toEqual([])
  // A GitHub of one's own may be in the same network.
  expect(hidden.filter((url) => !isReachable(url, 'https://github.internal/api/v3'))).toEqual([])
})

test('GA2: where GitHub cannot, the App has no webhook and subscribes to nothing, which GitHub would refuse', () => {
  const manifest = JSON.parse(makeManifest({ publicUrl: 'http://localhost:3000', apiUrl: github }))
  expect(manifest).not.toHaveProperty('hook_attributes')
  expect(manifest).not.toHaveProperty('default_events')
  expect(manifest.name.length).toBeLessThanOrEqual(34)
  const long = makeManifest({ publicUrl: `https://${'a'.repeat(60)}.example.org`, apiUrl: github })
  expect(JSON.parse(long).name).toHaveLength(34)
})
